"""What AWS is not known to do one way or the other: each has a switch, and a default that is the likelier way."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum


class OnDeletion(StrEnum):
    """What deleting an endpoint configuration does to an update that needs it."""

    BREAKS = "breaks"
    """The update fails: Could not find endpoint configuration (terraform-provider-aws issue 40048)."""
    IGNORED = "ignored"
    """Nothing happens."""
    FORBIDDEN = "forbidden"
    """Drydock's own, to find the mistake at once: DeleteEndpointConfig is refused while an endpoint uses it."""


class InvalidRulesError(Exception):
    """A document that describes no rules; the text says why."""


@dataclass(frozen=True)
class Rules:
    """The switches."""

    deletion_in_use: OnDeletion = OnDeletion.BREAKS
    refuse_same_config: bool = False
    """Whether UpdateEndpoint refuses the configuration that the endpoint is on."""
    largest_body: int = 6 * 1024 * 1024
    """Bytes of a request to InvokeEndpoint at most: the service model's limit. The developer guide's FAQ says 25 MB."""

    def document(self) -> dict[str, object]:
        """Give the rules as JSON."""
        return asdict(self)


_NUMBERS = {"largest_body"}


def read_rules(document: object, base: Rules) -> Rules:
    """Read rules from JSON; what is not named stays as it is in `base`.

    Raises:
        InvalidRulesError: no object, an unknown switch, or a value that the switch does not have.
    """
    if not isinstance(document, Mapping) or document.keys() - base.document().keys():
        raise InvalidRulesError(f"Rules are an object of: {', '.join(base.document())}.")
    changes = dict(document)
    if "deletion_in_use" in changes:
        if changes["deletion_in_use"] not in list(OnDeletion):
            raise InvalidRulesError(f"deletion_in_use is one of {', '.join(OnDeletion)}.")
        changes["deletion_in_use"] = OnDeletion(changes["deletion_in_use"])
    if not isinstance(changes.get("refuse_same_config", False), bool):
        raise InvalidRulesError("refuse_same_config is true or false.")
    for name in _NUMBERS & changes.keys():
        if isinstance(changes[name], bool) or not isinstance(changes[name], int) or changes[name] < 1:
            raise InvalidRulesError(f"{name} is a whole number above 0.")
    return replace(base, **changes)

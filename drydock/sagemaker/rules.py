"""What AWS is not known to do one way or the other: each has a switch, and a default that is the likelier way."""

import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any


class OnDeletion(StrEnum):
    """What deleting an endpoint configuration does to an update that needs it."""

    BREAKS = "breaks"
    """The update fails: Could not find endpoint configuration (terraform-provider-aws issue 40048)."""
    IGNORED = "ignored"
    """Nothing happens."""
    FORBIDDEN = "forbidden"
    """Drydock's own, to find the mistake at once: what an endpoint or a configuration uses cannot be deleted."""


class NameFlips(StrEnum):
    """When DescribeEndpoint names the new configuration in a deployment that goes well."""

    AT_THE_END = "at_the_end"
    AT_FULL_TRAFFIC = "at_full_traffic"


class Watch(StrEnum):
    """When the alarms of a deployment are looked at."""

    IN_BAKES = "in_bakes"
    THROUGHOUT = "throughout"
    """From the first moment: an alarm that is in ALARM already turns back before anything is shifted."""


class MissingAlarm(StrEnum):
    """What an alarm does that a deployment names and that does not exist."""

    IGNORED = "ignored"
    ROLLS_BACK = "rolls_back"
    REFUSED = "refused"
    """CreateEndpoint and UpdateEndpoint refuse it."""


class BothConfigs(StrEnum):
    """What UpdateEndpoint makes of a DeploymentConfig together with RetainDeploymentConfig."""

    REFUSED = "refused"
    GIVEN_WINS = "given_wins"
    RETAINED_WINS = "retained_wins"


class BeforeService(StrEnum):
    """What InvokeEndpoint answers for an endpoint that is there and does not serve."""

    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"


class InvalidRulesError(Exception):
    """A document that describes no rules; the text says why."""


@dataclass(frozen=True)
class Rules:
    """The switches; what each is about stands beside its type, for the documentation too."""

    deletion_in_use: Annotated[
        OnDeletion, "what deleting a configuration does to an update from or to it; `forbidden` holds for models too"
    ] = OnDeletion.BREAKS
    refuse_same_config: Annotated[bool, "UpdateEndpoint refuses the configuration that the endpoint is on"] = False
    config_name_flips: Annotated[
        NameFlips, "when EndpointConfigName is the new one: once the old fleet is gone, or once it has no traffic"
    ] = NameFlips.AT_THE_END
    alarms_watched: Annotated[Watch, "when alarms can turn a deployment back"] = Watch.IN_BAKES
    missing_alarm: Annotated[MissingAlarm, "what an alarm does that does not exist"] = MissingAlarm.IGNORED
    both_deployment_configs: Annotated[
        BothConfigs, "what is made of a DeploymentConfig together with RetainDeploymentConfig"
    ] = BothConfigs.REFUSED
    refuse_unapproved_package: Annotated[bool, "CreateModel refuses a model package that is not Approved"] = False
    package_event_on_every_update: Annotated[
        bool, "every UpdateModelPackage publishes an event, or only one that changes ModelApprovalStatus"
    ] = True
    largest_body: Annotated[
        int, "bytes of a request to InvokeEndpoint at most: the service model's limit; the guide says 25 MB"
    ] = 6 * 1024 * 1024
    before_service: Annotated[BeforeService, "what an invocation of an endpoint hears that does not serve (yet)"] = (
        BeforeService.NOT_FOUND
    )
    capture_failures: Annotated[bool, "data capture takes answers too that are not 2xx"] = False
    serverless_deployment_config_ignored: Annotated[
        bool, "a DeploymentConfig for a serverless endpoint is ignored, or refused"
    ] = False
    serverless_idle_seconds: Annotated[
        int, "SageMaker's seconds after which a container of a serverless variant ends that has no request"
    ] = 600
    quotas: Annotated[
        Mapping[str, int], "instances of a type that all endpoints may have together; unlimited where none is given"
    ] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Give the rules as JSON."""
        return asdict(self)


def about_rules() -> list[tuple[str, str, str, str]]:
    """List the rules for people: name, values, default, what it is about."""
    hints = typing.get_type_hints(Rules, include_extras=True)
    kinds = {name: typing.get_args(hint) for name, hint in hints.items()}
    defaults = Rules().document()
    return [(name, _values(kind), _shown(defaults[name]), about) for name, (kind, about) in kinds.items()]


def read_rules(document: object, base: Rules) -> Rules:
    """Read rules from JSON; what is not named stays as it is in `base`.

    Raises:
        InvalidRulesError: no object, an unknown switch, or a value that the switch does not have.
    """
    if not isinstance(document, Mapping) or document.keys() - base.document().keys():
        raise InvalidRulesError(f"Rules are an object of: {', '.join(base.document())}.")
    hints = typing.get_type_hints(Rules)
    return replace(base, **{name: _read(name, hints[name], value) for name, value in document.items()})


def _read(name: str, kind: Any, value: Any) -> Any:
    if not _fits(kind, value):
        raise InvalidRulesError(f"{name} is {_values(kind)}.")
    return kind(value) if isinstance(kind, type) and issubclass(kind, StrEnum) else value


def _fits(kind: Any, value: Any) -> bool:
    if typing.get_origin(kind) is Mapping:
        return isinstance(value, Mapping) and all(_fits(int, item) for item in value.values())
    if kind is bool:
        return isinstance(value, bool)
    if issubclass(kind, StrEnum):
        return value in list(kind)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _values(kind: Any) -> str:
    if typing.get_origin(kind) is Mapping:
        return "an object of whole numbers"
    if kind is bool:
        return "true or false"
    return f"one of {', '.join(kind)}" if issubclass(kind, StrEnum) else "a whole number"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

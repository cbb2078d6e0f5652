"""What lies beneath the spec of a drop: the stack's defaults, and the endpoint's own spec in the bucket."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.exchanges import ObjectFacts
from slipway.intake.keys import endpoint_spec_keys
from slipway.intake.names import endpoint_findings
from slipway.intake.spec_layers import Layer, endpoint_layer
from slipway.intake.spec_text import SIZE_LIMIT
from slipway.ports import Artifacts
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding

STACK = "stack defaults"


@dataclass(frozen=True)
class Beneath:
    """The layers beneath a drop's own spec, the weakest first."""

    layers: tuple[Layer, ...]
    findings: tuple[Finding, ...] = ()
    """What is wrong with the endpoint's own spec by itself."""

    @property
    def values(self) -> list[Mapping[str, Any]]:
        """What the layers say."""
        return [layer.values for layer in self.layers]

    @property
    def source(self) -> str:
        """The topmost of them."""
        return self.layers[-1].name


def beneath(artifacts: Artifacts, bucket: str, stack_defaults: Mapping[str, Any], endpoint: str) -> Beneath:
    """Read the layers beneath the spec of any drop for an endpoint."""
    stack = Layer(STACK, stack_defaults)
    if any(endpoint_findings(endpoint)):
        return Beneath((stack,))
    found = first(artifacts, [ObjectRef(bucket, key) for key in endpoint_spec_keys(endpoint)])
    if found is None:
        return Beneath((stack,))
    text, trouble = spec_text(artifacts, found.ref)
    if trouble is not None:
        return Beneath((stack,), (trouble,))
    layer, wrong = endpoint_layer(text or b"", found.ref.uri)
    return Beneath((stack, layer), tuple(wrong))


def spec_text(artifacts: Artifacts, ref: ObjectRef) -> tuple[bytes | None, Finding | None]:
    """Read the text of a spec that was there a moment ago; else say why it cannot be read."""
    try:
        return artifacts.read(ref, SIZE_LIMIT), None
    except PermissionError as error:
        what = f"Slipway may see this spec but not read it ({error})."
        step = (
            "Let the role that the message names use the key that encrypts it (docs/security.md), and upload it again."
        )
        return None, Finding("SPEC_FORBIDDEN", what, step, ref.uri)
    except FileNotFoundError:
        return None, Finding("SPEC_GONE", "The spec was deleted while it was read.", "Upload it again.", ref.uri)


def first(artifacts: Artifacts, refs: Iterable[ObjectRef]) -> ObjectFacts | None:
    """Give the first object that is there."""
    found = (artifacts.head(ref) for ref in refs)
    return next((facts for facts in found if facts is not None), None)

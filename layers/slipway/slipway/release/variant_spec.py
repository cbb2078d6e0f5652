"""How a user may ask for several models behind one endpoint, which share its traffic."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Len, MaxLen

from slipway.release.closed import Closed
from slipway.release.serve_spec import Serve, serve_from

MOST_VARIANTS = 9
"""SageMaker takes ten alarms for a deployment (API_AutoRollbackConfig): one of each variant, and Slipway's veto."""


@dataclass(frozen=True, kw_only=True)
class Variant(Closed):
    """One of several models that share the endpoint's traffic (ProductionVariant)."""

    name: Annotated[str, Len(1, 63)]
    """What the variant is called from release to release (VariantName); requests may ask for it (TargetVariant)."""
    weight: Annotated[float, Ge(0)] = 1.0
    """Its part of the traffic is this over the sum of all (InitialVariantWeight); at 0 only smoke meets it."""
    artifact: Annotated[str, MaxLen(1024)] | None = None
    """Its artifact, named like the release's own; without it the variant serves what was dropped."""
    artifact_sha256: Annotated[str, Len(64, 64)] | None = None
    """SHA-256 that its artifact must have, in hexadecimal digits."""
    serve: Serve
    """What is otherwise for this variant than `serve` says for all, key by key."""


def variant_from(item: dict[str, Any]) -> Variant:
    """Read a variant back from its ledger form."""
    return Variant(**{**item, "serve": serve_from(item["serve"])})

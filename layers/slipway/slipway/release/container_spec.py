"""How a user may ask for several containers that serve one model together."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Len, MaxLen, MinLen

from slipway.release.closed import Closed

MOST_CONTAINERS = 15
"""CreateModel.Containers (SageMaker API reference)."""


@dataclass(frozen=True, kw_only=True)
class Container(Closed):
    """One of several containers that serve together, in the order in which they answer."""

    name: Annotated[str, Len(1, 63)]
    """What it is called (ContainerHostname); a smoke case asks for it by `target_container` where they are direct."""
    image: Annotated[str, MinLen(1), MaxLen(255)] | None = None
    """Its image; without it, and without a framework, that of `serve`."""
    framework: Literal["sklearn", "xgboost", "pytorch", "tensorflow", "huggingface"] | None = None
    """Framework whose image AWS keeps, instead of `image`."""
    framework_version: Annotated[str, MaxLen(60)] | None = None
    """Exact version of it as AWS counts."""
    environment: Annotated[dict[str, str], MaxLen(100)] = field(default_factory=dict)
    """Its own environment, laid over that of `serve`, which all of them get."""
    artifact: Annotated[str, MaxLen(1024)] | None = None
    """Its artifact, named like the release's own; exactly one container has none and serves what was dropped."""
    artifact_sha256: Annotated[str, Len(64, 64)] | None = None
    """SHA-256 that its artifact must have, in hexadecimal digits."""


def container_from(item: dict[str, Any]) -> Container:
    """Read one back from its ledger form."""
    return Container(**item)

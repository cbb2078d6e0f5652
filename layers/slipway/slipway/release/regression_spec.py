"""What a user asks of a new model compared with the live one: the same requests, the same answers, as quickly."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from slipway.release.closed import Closed


@dataclass(frozen=True, kw_only=True)
class Regression(Closed):
    """The new model compared with the live one: both answer the same requests."""

    inputs: Literal["none", "smoke", "captured"] = "none"
    """What both are asked: nothing, the smoke cases, or the latest requests among the captured traffic."""
    sample: Annotated[int, Ge(1), Le(50)] = 20
    """Captured requests that are compared, at most."""
    tolerance: Annotated[float, Ge(0)] = 0.0
    """Largest absolute difference allowed between two numbers."""
    relative_tolerance: Annotated[float, Ge(0)] = 0.0
    """Largest difference allowed as a share of the live model's number."""
    differing_share: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of the compared requests whose answers may differ."""
    latency_factor: Annotated[float, Ge(1), Le(100)] | None = None
    """How many times the live model's median latency the new one's may be; without it not judged."""
    no_data: Literal["release", "fail"] = "release"
    """What to do when an update has nothing to compare: release with a finding, or refuse."""

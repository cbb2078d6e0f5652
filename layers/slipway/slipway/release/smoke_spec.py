"""What a user expects of a good model: requests, and what their answers must be."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen

from slipway.release.closed import Closed


@dataclass(frozen=True, kw_only=True)
class Expect(Closed):
    """What an answer must be."""

    status: Annotated[int, Ge(100), Le(599)] = 200
    """HTTP status of the container's answer."""
    json: Any = None
    """The answer parsed as JSON must equal this; numbers within `tolerance`."""
    tolerance: Annotated[float, Ge(0)] = 0.0
    """Largest absolute difference allowed between two numbers."""
    contains: Annotated[str, MaxLen(10_000)] | None = None
    """The answer as text must contain this."""
    max_latency_ms: Annotated[float, Ge(1), Le(60_000)] | None = None
    """The slowest answer allowed, in milliseconds, warm-up not counted."""


@dataclass(frozen=True, kw_only=True)
class SmokeCase(Closed):
    """One request that a good model answers as expected."""

    name: Annotated[str, MinLen(1), MaxLen(100)]
    """How the case is called in findings and reports."""
    body: Annotated[str, MaxLen(6_291_456)] | None = None
    """The request as text (exclusive with `json`)."""
    json: Any = None
    """The request as JSON (exclusive with `body`)."""
    content_type: Annotated[str, MaxLen(1024)] = "application/json"
    """ContentType of InvokeEndpoint."""
    accept: Annotated[str, MaxLen(1024)] = "application/json"
    """Accept of InvokeEndpoint."""
    expect: Expect = field(default_factory=Expect)
    """What the answer must be."""


def case_from(item: dict[str, Any]) -> SmokeCase:
    """Read a case back from its ledger form."""
    return SmokeCase(**{**item, "expect": Expect(**item["expect"])})

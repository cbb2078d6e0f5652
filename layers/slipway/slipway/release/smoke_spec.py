"""What a user expects of a good model: requests, and what their answers must be."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen

from slipway.release.closed import Closed
from slipway.release.patterns import PATTERN_LIMIT

_Latency = Annotated[float, Ge(1), Le(60_000)]
_Attribute = Annotated[str, MaxLen(1024)]


MLFLOW = "the MLflow input example"
"""Where a case comes from that nobody wrote for Slipway."""


@dataclass(frozen=True, kw_only=True)
class PathCheck(Closed):
    """What stands at one place of an answer in JSON."""

    path: Annotated[str, MinLen(1), MaxLen(200)]
    """The place, like `$.predictions[0].score`; `[*]` means every entry, `[-1]` the last. It must be there."""
    json: Any = None
    """The value must equal this; numbers within the tolerances."""
    tolerance: Annotated[float, Ge(0)] = 0.0
    """Largest absolute difference allowed between two numbers."""
    relative_tolerance: Annotated[float, Ge(0)] = 0.0
    """Largest difference allowed as a share of the expected number."""
    minimum: float | None = None
    """The value must be a number of at least this."""
    maximum: float | None = None
    """The value must be a number of at most this."""
    entries: Annotated[int, Ge(0)] | None = None
    """The list or mapping must have so many entries."""
    matches: Annotated[str, MaxLen(PATTERN_LIMIT)] | None = None
    """The value, written as text, must match this regular expression somewhere."""


@dataclass(frozen=True, kw_only=True)
class Expect(Closed):
    """What an answer must be."""

    status: Annotated[int, Ge(100), Le(599)] = 200
    """HTTP status of the container's answer."""
    content_type: Annotated[str, MaxLen(1024)] | None = None
    """Media type of the answer, like `application/json`; parameters such as a charset do not count."""
    json: Any = None
    """The answer parsed as JSON must equal this; numbers within the tolerances."""
    tolerance: Annotated[float, Ge(0)] = 0.0
    """Largest absolute difference allowed between two numbers."""
    relative_tolerance: Annotated[float, Ge(0)] = 0.0
    """Largest difference allowed as a share of the expected number."""
    schema: Any = None
    """The answer parsed as JSON must be as this JSON Schema says (a subset of draft 2020-12, see below)."""
    paths: Annotated[tuple[PathCheck, ...], MaxLen(50)] = ()
    """What must stand at single places of the answer."""
    contains: Annotated[str, MaxLen(10_000)] | None = None
    """The answer as text must contain this."""
    matches: Annotated[str, MaxLen(PATTERN_LIMIT)] | None = None
    """The first 10,000 characters of the answer must match this regular expression somewhere."""
    custom_attributes: _Attribute | None = None
    """The answer's CustomAttributes must contain this."""
    stable: bool = False
    """Whether every repeat must give the same answer; numbers within the tolerances."""
    max_latency_ms: _Latency | None = None
    """The slowest answer allowed, in milliseconds, warm-up not counted."""
    p50_ms: _Latency | None = None
    """Half of the answers must be at least so quick, in milliseconds."""
    p95_ms: _Latency | None = None
    """95 % of the answers must be at least so quick."""
    p99_ms: _Latency | None = None
    """99 % of the answers must be at least so quick."""
    error_share: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of the repeats that may be answered otherwise than expected."""


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
    custom_attributes: _Attribute = ""
    """CustomAttributes of InvokeEndpoint."""
    target_variant: Annotated[str, MaxLen(63)] = ""
    """TargetVariant of InvokeEndpoint; it overrides the weights of the variants."""
    target_model: _Attribute = ""
    """TargetModel of InvokeEndpoint (multi-model endpoints)."""
    target_container: Annotated[str, MaxLen(63)] = ""
    """TargetContainerHostname of InvokeEndpoint (several containers in direct mode)."""
    inference_id: Annotated[str, MaxLen(64)] = ""
    """InferenceId of InvokeEndpoint; without it, the release's id."""
    session_id: Annotated[str, MaxLen(256)] = ""
    """SessionId of InvokeEndpoint: `NEW_SESSION`, or an id."""
    enable_explanations: Annotated[str, MaxLen(64)] = ""
    """EnableExplanations of InvokeEndpoint, a JMESPath expression."""
    warm_up: Annotated[int, Ge(0), Le(20)] = 1
    """Requests sent before that are not judged."""
    repeats: Annotated[int, Ge(1), Le(100)] = 3
    """Requests for each instance, at least; more where so few could miss one of the instances."""
    concurrency: Annotated[int, Ge(1), Le(16)] = 1
    """Requests on their way at once."""
    expect: Expect = field(default_factory=Expect)
    """What the answer must be."""


def case_from(item: dict[str, Any]) -> SmokeCase:
    """Read a case back from its ledger form."""
    expect = item["expect"]
    paths = tuple(PathCheck(**check) for check in expect.get("paths", ()))
    return SmokeCase(**{**item, "expect": Expect(**{**expect, "paths": paths})})

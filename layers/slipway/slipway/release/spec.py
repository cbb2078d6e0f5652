"""What a user may ask for. Plain frozen records, so that a step that only reads them pays for no validation library;
`slipway.intake.spec_reading` holds them to their constraints with pydantic."""

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, Len, MaxLen, MinLen


class _Closed:
    """Where pydantic reads these records, an unknown key is refused and no value is converted to another type."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}


@dataclass(frozen=True, kw_only=True)
class Serve(_Closed):
    """How the model is served."""

    image: Annotated[str, MinLen(1), MaxLen(255)]
    """Container image (ContainerDefinition.Image)."""
    instance_type: Annotated[str, MinLen(1)] = "ml.m5.large"
    """Instance type of the fleet (ProductionVariant.InstanceType)."""
    instance_count: Annotated[int, Ge(1), Le(100)] = 1
    """Instances of the fleet (ProductionVariant.InitialInstanceCount)."""
    environment: Annotated[dict[str, str], MaxLen(100)] = field(default_factory=dict)
    """Environment of the container (ContainerDefinition.Environment)."""
    health_check_timeout_seconds: Annotated[int, Ge(60), Le(3600)] = 300
    """How long the container may take to answer /ping (ContainerStartupHealthCheckTimeoutInSeconds)."""
    download_timeout_seconds: Annotated[int, Ge(60), Le(3600)] = 600
    """How long an instance may take to fetch the model (ModelDataDownloadTimeoutInSeconds)."""
    network_isolation: bool = True
    """Whether the container is cut off from the network (CreateModel.EnableNetworkIsolation)."""


@dataclass(frozen=True, kw_only=True)
class Rollout(_Closed):
    """How traffic moves to the new fleet when an endpoint is updated."""

    strategy: Literal["all_at_once"] = "all_at_once"
    """Blue/green: the whole new fleet takes all traffic while the old one still runs."""
    bake_seconds: Annotated[int, Ge(0), Le(3600)] = 300
    """How long the old fleet is kept while the new one has all traffic (TerminationWaitInSeconds)."""
    timeout_seconds: Annotated[int, Ge(600), Le(28800)] = 3600
    """How long the whole deployment may take (MaximumExecutionTimeoutInSeconds)."""


@dataclass(frozen=True, kw_only=True)
class Expect(_Closed):
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
class SmokeCase(_Closed):
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


@dataclass(frozen=True, kw_only=True)
class Watch(_Closed):
    """How long and by what the new fleet is watched before it is called live."""

    seconds: Annotated[int, Ge(0), Le(86_400)] = 0
    """First release: how long the alarms must stay quiet after InService. An update is watched for its whole bake."""
    error_rate: Annotated[float, Ge(0), Le(1)] = 0.05
    """Share of 5xx answers above which Slipway's own alarm rings."""
    min_requests: Annotated[int, Ge(1)] = 5
    """Requests a minute below which the error rate is not judged."""
    no_data: Literal["release", "fail"] = "release"
    """What to do when no request was seen during the watch: release with a finding, or fail."""


@dataclass(frozen=True, kw_only=True)
class ReleaseSpec(_Closed):
    """One release as the user wants it, every default filled in."""

    schema: Literal[1] = 1
    """Version of this format."""
    endpoint: Annotated[str, Len(1, 63)]
    """The endpoint that shall serve the model."""
    artifact: Annotated[str, MaxLen(1024)] | None = None
    """Key of the artifact in the artifact bucket; without it, the model.tar.gz beside the spec."""
    serve: Serve
    rollout: Rollout = field(default_factory=Rollout)
    alarms: Annotated[tuple[str, ...], MaxLen(8)] = ()
    """Names of your own CloudWatch alarms that must stay quiet, besides those that Slipway makes."""
    watch: Watch = field(default_factory=Watch)
    smoke: Annotated[tuple[SmokeCase, ...], MaxLen(50)] = ()
    """Requests that a good model answers as expected."""
    tags: Annotated[dict[str, str], MaxLen(40)] = field(default_factory=dict)
    """Tags of what Slipway makes in SageMaker."""
    owner: Annotated[str, MaxLen(200)] = ""
    """Who is asked when a release needs a human."""


def spec_item(spec: ReleaseSpec) -> dict[str, Any]:
    """Give the spec its ledger form."""
    return asdict(spec)


def spec_from(item: dict[str, Any]) -> ReleaseSpec:
    """Read a spec back from its ledger form; it was validated before it went in."""
    cases = tuple(SmokeCase(**{**case, "expect": Expect(**case["expect"])}) for case in item["smoke"])
    return ReleaseSpec(
        **{
            **item,
            "serve": Serve(**item["serve"]),
            "rollout": Rollout(**item["rollout"]),
            "watch": Watch(**item["watch"]),
            "alarms": tuple(item["alarms"]),
            "smoke": cases,
        }
    )

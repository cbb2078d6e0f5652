"""What a user may ask for. Plain frozen records, so that a step that only reads them pays for no validation library;
`slipway.intake.spec_reading` holds them to their constraints with pydantic."""

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, Len, MaxLen

from slipway.release.approval_spec import Approval
from slipway.release.autoscaling_spec import Autoscaling
from slipway.release.closed import Closed
from slipway.release.regression_spec import Regression
from slipway.release.serve_spec import Serve, serve_from
from slipway.release.smoke_spec import SmokeCase, case_from
from slipway.release.variant_spec import MOST_VARIANTS, Variant, variant_from


@dataclass(frozen=True, kw_only=True)
class Rollout(Closed):
    """How traffic moves to the new fleet when an endpoint is updated."""

    strategy: Literal["all_at_once", "canary", "linear", "rolling"] = "all_at_once"
    """All traffic at once; a canary first; equal steps; or instances replaced batch by batch (no second fleet)."""
    step_percent: Annotated[int, Ge(1), Le(50)] | None = None
    """Size of the canary, of a step or of a batch in percent of the fleet (exclusive with `step_instances`)."""
    step_instances: Annotated[int, Ge(1), Le(50)] | None = None
    """The same in instances. Without either, a canary is one instance, a step or a batch a quarter of the fleet."""
    wait_seconds: Annotated[int, Ge(0), Le(3600)] = 300
    """How long each part of the traffic bakes before the next one moves (WaitIntervalInSeconds)."""
    bake_seconds: Annotated[int, Ge(0), Le(3600)] = 300
    """How long the old fleet is kept while the new one has all traffic (TerminationWaitInSeconds); not when rolling."""
    timeout_seconds: Annotated[int, Ge(600), Le(28800)] | None = None
    """How long the deployment may take (MaximumExecutionTimeoutInSeconds); without it what it needs, at least 3600."""
    unguarded: bool = False
    """Whether an update may bring other variants than serve: all at once, with no bake, no old fleet to go back to."""


@dataclass(frozen=True, kw_only=True)
class Watch(Closed):
    """How long and by what the new fleet is watched before it is called live."""

    seconds: Annotated[int, Ge(0), Le(86_400)] = 0
    """How long the alarms must stay quiet; an update is watched for its bake at least, beyond it with no old fleet."""
    error_rate: Annotated[float, Ge(0), Le(1)] = 0.05
    """Share of 5xx answers, and of requests without an answer, above which Slipway's own alarms ring."""
    min_requests: Annotated[int, Ge(1)] = 5
    """Requests a minute below which neither errors nor latency are judged."""
    latency_p95_ms: Annotated[float, Ge(1), Le(60_000)] | None = None
    """Milliseconds that 95 of 100 answers of the model must stay below (ModelLatency); without it not judged."""
    latency_p99_ms: Annotated[float, Ge(1), Le(60_000)] | None = None
    """The same for 99 of 100."""
    latency_factor: Annotated[float, Ge(1), Le(100)] | None = None
    """How many times the live model's p95 of the last day the new one's may be; a stricter budget holds as well."""
    no_data: Literal["release", "hold", "fail"] = "release"
    """When no request was seen during the watch: release with a finding, hold for a human (`approval`), or fail."""


@dataclass(frozen=True, kw_only=True)
class Capture(Closed):
    """What SageMaker writes down of the endpoint's traffic (DataCaptureConfig)."""

    percent: Annotated[int, Ge(0), Le(100)] | None = None
    """Percent of requests written with their answers to `captured/` in the artifact bucket; 0: none; else as before."""


@dataclass(frozen=True, kw_only=True)
class Retention(Closed):
    """What is kept of earlier releases."""

    keep_releases: Annotated[int, Ge(2), Le(100)] | None = None
    """How many releases that went live the endpoint can go back to; without it the stack's (KeepReleases)."""


@dataclass(frozen=True, kw_only=True)
class ReleaseSpec(Closed):
    """One release as the user wants it, every default filled in."""

    schema: Literal[1] = 1
    """Version of this format."""
    endpoint: Annotated[str, Len(1, 63)]
    """The endpoint that shall serve the model."""
    artifact: Annotated[str, MaxLen(1024)] | None = None
    """Key of the artifact, or s3://… in a source bucket; a folder (not packed) ends with /; else what is beside."""
    serve: Serve
    variants: Annotated[tuple[Variant, ...], MaxLen(MOST_VARIANTS)] = ()
    """Several models that share the traffic, such as a champion and its challenger; without it there is one."""
    rollout: Rollout = field(default_factory=Rollout)
    capture: Capture = field(default_factory=Capture)
    """What is written down of the traffic."""
    autoscaling: Autoscaling = field(default_factory=Autoscaling)
    """How many instances there are, by the traffic."""
    alarms: Annotated[tuple[str, ...], MaxLen(7)] = ()
    """Names of your own CloudWatch alarms that must stay quiet, besides those that Slipway makes."""
    watch: Watch = field(default_factory=Watch)
    approval: Approval = field(default_factory=Approval)
    smoke: Annotated[tuple[SmokeCase, ...], MaxLen(50)] = ()
    """Requests that a good model answers as expected."""
    regression: Regression = field(default_factory=Regression)
    """How the new model is compared with the live one."""
    adopt: bool = False
    """Whether to take over an endpoint that Slipway did not make: what it serves counts as live, settings are kept."""
    force: bool = False
    """Whether to go forward over an endpoint that a release left to a human; for this one release only."""
    tags: Annotated[dict[str, str], MaxLen(40)] = field(default_factory=dict)
    """Tags of what Slipway makes in SageMaker."""
    owner: Annotated[str, MaxLen(200)] = ""
    """Who is asked when a release needs a human; every announcement says it."""
    links: Annotated[dict[str, str], MaxLen(20)] = field(default_factory=dict)
    """Addresses by name that every announcement carries: a runbook, a dashboard, the training run."""
    retention: Retention = field(default_factory=Retention)
    """What is kept of earlier releases."""
    artifact_sha256: Annotated[str, Len(64, 64)] | None = None
    """SHA-256 that the artifact must have, in hexadecimal digits."""

    @property
    def served(self) -> dict[str, Serve]:
        """How everything is served that the endpoint is to serve, by its place in the spec."""
        if not self.variants:
            return {"serve": self.serve}
        return {f"variants[{index}].serve": variant.serve for index, variant in enumerate(self.variants)}


def spec_item(spec: ReleaseSpec) -> dict[str, Any]:
    """Give the spec its ledger form."""
    return asdict(spec)


def spec_from(item: dict[str, Any]) -> ReleaseSpec:
    """Read a spec back from its ledger form; it was validated before it went in."""
    cases = tuple(case_from(case) for case in item["smoke"])
    return ReleaseSpec(
        **{
            **item,
            "serve": serve_from(item["serve"]),
            "variants": tuple(variant_from(variant) for variant in item.get("variants", ())),
            "rollout": Rollout(**item["rollout"]),
            "watch": Watch(**item["watch"]),
            "capture": Capture(**item.get("capture", {})),
            "autoscaling": Autoscaling(**item.get("autoscaling", {})),
            "regression": Regression(**item.get("regression", {})),
            "retention": Retention(**item.get("retention", {})),
            "approval": Approval(**item.get("approval", {})),
            "alarms": tuple(item["alarms"]),
            "smoke": cases,
        }
    )

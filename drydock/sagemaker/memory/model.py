"""What the hosting service keeps: plain data, no behaviour, no running things."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drydock.sagemaker.memory.statuses import Status


class Kind(StrEnum):
    """What a deployment does to its endpoint."""

    CREATE = "create"
    UPDATE = "update"
    RESCALE = "rescale"


class Phase(StrEnum):
    """How far a deployment is."""

    PROVISIONING = "provisioning"
    SHIFTING = "shifting"
    BAKING = "baking"
    TERMINATING = "terminating"
    ROLLING_BACK = "rolling back"


@dataclass
class Variant:
    """One variant of one fleet."""

    name: str
    definition: dict[str, Any]
    """The ProductionVariant of the configuration."""
    containers: list[dict[str, Any]]
    """The ContainerDefinitions of its model, as they were when the fleet was planned."""
    weight: float
    count: int
    """Desired instances."""
    ready: int = 0
    """Instances seen healthy."""
    order: int | None = None
    """Instances to run now, where a rolling deployment wants only a part of them; None for all."""
    direct: bool = False
    """Whether requests name the container that is to answer; else the containers are a pipeline."""
    shadow: bool = False
    """Whether it gets copies of requests only, and nobody its answers."""
    marketplace: bool = False
    """Whether its model comes from AWS Marketplace."""
    isolated: bool = False
    """EnableNetworkIsolation of its model."""
    serverless: dict[str, int] | None = None
    """Its ServerlessConfig as it is now; None for one with instances. It counts as one instance."""

    @property
    def wanted(self) -> int:
        """Instances to run now."""
        return self.count if self.order is None else self.order


@dataclass(frozen=True)
class Size:
    """What UpdateEndpointWeightsAndCapacities changes of a variant."""

    weight: float
    count: int
    serverless: dict[str, int] | None = None


@dataclass
class Fleet:
    """The instances of one configuration on one endpoint: blue or green."""

    id: str
    config_name: str
    variants: dict[str, Variant]
    """Production variants first, then shadow variants."""
    created: float
    scoped: bool
    """Whether its metrics also come by EndpointConfigName: so it is for every fleet that an update brought."""
    role: str = ""
    """The execution role of its models: alarms are read with it. Empty where a model names none."""
    capture: dict[str, Any] | None = None
    """The DataCaptureConfig of its configuration."""
    metrics: dict[str, Any] | None = None
    """The MetricsConfig of its configuration."""
    asynchronous: dict[str, Any] | None = None
    """The AsyncInferenceConfig of its configuration; None where requests are answered at once."""
    failure: str = ""
    """Why it cannot come up, once that is certain."""

    @property
    def ready(self) -> bool:
        """Whether every variant has the instances it wants."""
        return all(variant.ready >= variant.wanted for variant in self.variants.values())

    @property
    def production(self) -> list[Variant]:
        """The variants that answer requests."""
        return [variant for variant in self.variants.values() if not variant.shadow]

    @property
    def serverless(self) -> bool:
        """Whether it has a serverless variant; then it has no other."""
        return any(variant.serverless for variant in self.variants.values())

    @property
    def capacity(self) -> int:
        """Desired instances of its largest variant: steps of traffic are counted in the instances of a variant."""
        return max(variant.count for variant in self.production)


@dataclass(frozen=True)
class Step:
    """One shift of traffic to the new fleet and the bake after it."""

    share: float
    """The new fleet's part of the traffic, 0 to 1."""
    bake_seconds: float
    """SageMaker's seconds."""
    named: str
    """The setting that the bake's length comes from."""


@dataclass
class Deployment:
    """A change of an endpoint under way."""

    kind: Kind
    started: float
    entered: float
    """When the phase began."""
    green: Fleet | None = None
    steps: tuple[Step, ...] = ()
    phase: Phase = Phase.PROVISIONING
    step: int = 0
    share: float = 0.0
    """The part of the traffic that the green fleet takes."""
    alarms: tuple[str, ...] = ()
    timeout_seconds: float | None = None
    rolling: bool = False
    """Whether instances are replaced batch by batch."""
    rollback_share: float = 1.0
    """The part of the old fleet that a rolling deployment brings back at a time."""
    guarded: bool = True
    """Whether guardrails cover it: if not there is no bake, and there are no deployment events."""
    reason: str = ""
    """Why it is being rolled back."""
    former: dict[str, Size] = field(default_factory=dict)
    """Of each variant before a rescale."""


@dataclass
class Endpoint:
    """An endpoint."""

    name: str
    arn: str
    created: float
    modified: float
    config_name: str
    status: Status = Status.CREATING
    fleet: Fleet | None = None
    """The fleet that has served since the last successful change: blue while a deployment runs."""
    deployment: Deployment | None = None
    stray: Fleet | None = None
    """What a rolling deployment left of its new fleet when its rollback failed too; it still serves."""
    stray_share: float = 0.0
    failure_reason: str = ""
    reason_until: float | None = None
    """When FailureReason vanishes by itself, seconds since the epoch; None: it stays."""
    last_deployment_config: dict[str, Any] | None = None

    @property
    def green(self) -> Fleet | None:
        """The fleet that a deployment under way brings."""
        return self.deployment.green if self.deployment else None

    @property
    def fleets(self) -> list[Fleet]:
        """All that run or shall run."""
        return [fleet for fleet in (self.fleet, self.stray, self.green) if fleet]

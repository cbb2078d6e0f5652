"""What Application Auto Scaling keeps: targets, policies, scheduled actions and what came of them; plain data."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from drydock.sagemaker.place import Place

NAMESPACE = "sagemaker"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
ROLE_SERVICE = "sagemaker.application-autoscaling.amazonaws.com"
"""Whose service-linked role it is."""
TRACKING, STEPS = "TargetTrackingScaling", "StepScaling"

Key = tuple[str, str]
"""Resource id and scalable dimension: what a target is known by."""

KEPT_ACTIVITIES = 500
"""The oldest are forgotten beyond it; AWS keeps those of six weeks."""


@dataclass
class Activity:
    """One change of capacity, or the attempt (ScalingActivity)."""

    resource_id: str
    dimension: str
    description: str
    cause: str
    started: float
    status: str = "InProgress"
    message: str = ""
    ended: float | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def key(self) -> Key:
        """What it was done to."""
        return self.resource_id, self.dimension


@dataclass
class Move:
    """A change of capacity under way."""

    activity: Activity
    before: int
    wanted: int
    cooldown_seconds: float
    """AWS's seconds for which the policy that wanted it rests afterwards."""
    base: int
    """The capacity it was computed from."""


@dataclass
class Target:
    """A scalable target: one variant of one endpoint."""

    resource_id: str
    dimension: str
    arn: str
    minimum: int
    maximum: int
    created: float
    suspended: dict[str, bool] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    move: Move | None = None
    out_until: float = 0.0
    """When the cool-down after scaling out ends, seconds since the epoch."""
    out_base: int = 0
    """What capacity the scaling out that cools down was computed from."""
    in_until: float = 0.0
    rests_until: float = 0.0
    """No alarm acts before: CloudWatch calls for an action once a minute while an alarm rings."""

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.resource_id, self.dimension

    @property
    def unit(self) -> str:
        """What is scaled, in words."""
        return "instance count" if self.dimension == INSTANCES else "provisioned concurrency"

    @property
    def endpoint(self) -> str:
        """The endpoint's name, as it was registered."""
        return self.resource_id.split("/")[1]

    @property
    def variant(self) -> str:
        """The variant's name."""
        return self.resource_id.split("/")[3]


@dataclass
class Policy:
    """A scaling policy; `settings` is its configuration as it was put."""

    name: str
    kind: str
    key: Key
    arn: str
    created: float
    settings: dict[str, Any]
    alarms: dict[str, str] = field(default_factory=dict)
    """Name → ARN of the alarms made for it: high, then low; none for steps, whose alarms are the user's."""


@dataclass
class Schedule:
    """A scheduled action."""

    name: str
    key: Key
    arn: str
    created: float
    definition: dict[str, Any]
    last_run: float


@dataclass
class Book:
    """All of it, of one account and region."""

    place: Place = field(default_factory=Place)
    targets: dict[Key, Target] = field(default_factory=dict)
    policies: dict[tuple[Key, str], Policy] = field(default_factory=dict)
    schedules: dict[tuple[Key, str], Schedule] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    """The oldest first."""
    has_role: bool = False
    """Whether the service-linked role was made, as the first registration does."""

    @property
    def role(self) -> str:
        """The service-linked role that scales (Application Auto Scaling user guide, service-linked roles)."""
        path = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
        return (
            f"arn:aws:iam::{self.place.account}:role/{path}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        )

    def policies_of(self, key: Key) -> list[Policy]:
        """Give the policies of a target."""
        return [policy for policy in self.policies.values() if policy.key == key]

    def record(self, activity: Activity) -> Activity:
        """Keep an activity."""
        self.activities.append(activity)
        del self.activities[:-KEPT_ACTIVITIES]
        return activity

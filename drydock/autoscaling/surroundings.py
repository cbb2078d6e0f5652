"""What Application Auto Scaling needs of the cloud around it: fleets to scale, alarms that call for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class AlarmSight:
    """An alarm that calls for a policy, as it is now."""

    name: str
    ringing: bool
    threshold: float
    value: float | None
    """The newest datapoint that it was judged by."""


@dataclass(frozen=True)
class VariantSight:
    """A variant of an endpoint, as it is now."""

    count: int
    """Instances wanted, or provisioned concurrency where it is serverless."""
    settled: bool
    """Whether the endpoint is InService, with nothing under way."""
    instance_type: str
    """Empty where it is serverless."""


class Fleets(Protocol):
    """The hosting service."""

    def look(self, endpoint: str, variant: str) -> VariantSight | None:
        """Look at a variant; None when there is none, or its endpoint is going."""

    async def rescale(self, endpoint: str, variant: str, count: int) -> None:
        """Ask for instances, or for provisioned concurrency, by UpdateEndpointWeightsAndCapacities.

        Raises:
            ServiceError: SageMaker refuses it, while an update is under way for example.
        """

    def mark(self, scaled: Mapping[tuple[str, str], str]) -> None:
        """Tell which variants are scaled: (endpoint, variant) → ARN of the scalable target."""


class Surroundings(Protocol):
    """CloudWatch and EventBridge."""

    def put_alarm(self, request: Mapping[str, Any]) -> str:
        """Create or replace an alarm (PutMetricAlarm); gives its ARN."""

    def delete_alarms(self, names: Iterable[str]) -> None:
        """Delete alarms; one that is gone already is deleted."""

    def alarms_calling(self, action: str) -> Sequence[AlarmSight]:
        """Give the alarms that have this ARN among their AlarmActions, and their actions enabled."""

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        """Record one datapoint, now, under each of the dimension sets."""

    def publish_scaling(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Put an event of source aws.application-autoscaling on the default bus."""

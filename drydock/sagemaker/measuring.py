"""The metrics of an invocation, in CloudWatch's namespace AWS/SageMaker.

Source: SageMaker developer guide, "Monitor Amazon SageMaker with Amazon CloudWatch", endpoint invocation metrics; by
configuration too for what an update brought ("Auto-Rollback Configuration and Monitoring").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drydock.sagemaker.surroundings import Surroundings
from drydock.sagemaker.traffic import Way

NAMESPACE = "AWS/SageMaker"


@dataclass(frozen=True)
class Call:
    """What one request took, in seconds."""

    status: int
    """HTTP status of the container; 0 when none came."""
    total: float
    in_model: float


def measure(surroundings: Surroundings, endpoint: str, way: Way, call: Call) -> None:
    """Publish the metrics of one request.

    Args:
        surroundings: where metrics go.
        endpoint: its name.
        way: the fleet and the variant that the request went to.
        call: what it took.
    """
    base = {"EndpointName": endpoint, "VariantName": way.variant.name}
    dimension_sets: list[Mapping[str, str]] = [base]
    if way.fleet.scoped:
        dimension_sets.append({**base, "EndpointConfigName": way.fleet.config_name})
    for name, value, unit in _measurements(call, max(way.variant.ready, 1)):
        surroundings.put_metric(NAMESPACE, name, dimension_sets, value, unit)


def _measurements(call: Call, instances: int) -> Iterable[tuple[str, float, str]]:
    yield "Invocations", 1.0, "None"
    yield "InvocationsPerInstance", 1.0 / instances, "None"
    yield "Invocation4XXErrors", float(400 <= call.status < 500), "None"
    yield "Invocation5XXErrors", float(500 <= call.status < 600), "None"
    yield "InvocationModelErrors", float(not 200 <= call.status < 300), "None"
    yield "ModelLatency", call.in_model * 1e6, "Microseconds"
    yield "OverheadLatency", (call.total - call.in_model) * 1e6, "Microseconds"

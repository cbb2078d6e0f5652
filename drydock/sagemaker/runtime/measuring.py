"""The metrics of an invocation, in CloudWatch's namespace AWS/SageMaker.

Source: SageMaker developer guide, "Monitor Amazon SageMaker with Amazon CloudWatch", endpoint invocation metrics; by
configuration too for what an update brought ("Auto-Rollback Configuration and Monitoring"); "Inference pipeline logs
and metrics", "Metrics for multi-container endpoints with direct invocation", "CloudWatch metrics for multi-model
endpoint deployments". Inferred: LoadedModelCount comes with each request, ModelLoadingWaitTime with each that waited;
ConcurrentRequestsPerModel is what a request meets on its instance ("Define a scaling policy"; AWS samples it).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drydock.sagemaker.answers import ContainerAnswer, ContainerCall, ContainerStream, Loading
from drydock.sagemaker.runtime.traffic import Way
from drydock.sagemaker.surroundings import Surroundings

NAMESPACE = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"
"""The namespace of what instances use and hold."""


@dataclass(frozen=True)
class Call:
    """What one request took, in seconds."""

    status: int
    """HTTP status of the container; 0 when none came."""
    total: float
    in_model: float
    setup: float = 0.0
    """What starting a container took first."""


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
    instances = 0 if way.variant.serverless else max(way.variant.ready, 1)
    for name, value, unit in _measurements(call, instances):
        surroundings.put_metric(NAMESPACE, name, dimension_sets, value, unit)


def measure_concurrency(surroundings: Surroundings, endpoint: str, way: Way, requests: int) -> None:
    """Publish how many requests an instance has at once, the one that comes counted.

    Args:
        surroundings: where metrics go.
        endpoint: its name.
        way: the fleet and the variant that the request goes to.
        requests: how many.
    """
    dimensions = {"EndpointName": endpoint, "VariantName": way.variant.name}
    surroundings.put_metric(NAMESPACE, "ConcurrentRequestsPerModel", [dimensions], float(requests), "None")


def measure_parts(
    surroundings: Surroundings, endpoint: str, way: Way, answer: ContainerAnswer | ContainerStream, total: float
) -> None:
    """Publish what the containers of an instance, and the models of a multi-model one, did for a request.

    Args:
        surroundings: where metrics go.
        endpoint: its name.
        way: the fleet and the variant that the request went to.
        answer: what came back.
        total: what the whole request took, in seconds.
    """
    base = {"EndpointName": endpoint, "VariantName": way.variant.name}
    for call in answer.calls:
        dimensions = [{**base, "ContainerName": call.hostname}]
        for name, value, unit in _of_container(call, total if way.variant.direct else None):
            surroundings.put_metric(NAMESPACE, name, dimensions, value, unit)
    if answer.loading:
        surroundings.put_metric(INSTANCES, "LoadedModelCount", [base], float(answer.loading.models), "None")
        for name, value, unit in _of_loading(answer.loading):
            surroundings.put_metric(NAMESPACE, name, [base], value, unit)


def _of_container(call: ContainerCall, total: float | None) -> Iterable[tuple[str, float, str]]:
    yield "Invocations", 1.0, "None"
    yield "Invocation4XXErrors", float(400 <= call.status < 500), "None"
    yield "Invocation5XXErrors", float(500 <= call.status < 600), "None"
    yield "ContainerLatency", call.seconds * 1e6, "Microseconds"
    if total is not None:
        yield "OverheadLatency", (total - call.seconds) * 1e6, "Microseconds"


def _of_loading(loading: Loading) -> Iterable[tuple[str, float, str]]:
    yield "ModelCacheHit", float(loading.hit), "None"
    times = [("ModelDownloadingTime", loading.downloaded), ("ModelLoadingTime", loading.loaded)]
    times += [("ModelUnloadingTime", seconds) for seconds in loading.unloaded]
    if not loading.hit:
        times.append(("ModelLoadingWaitTime", loading.waited))
    for name, seconds in times:
        if seconds is not None:
            yield name, seconds * 1e6, "Microseconds"


def _measurements(call: Call, instances: int) -> Iterable[tuple[str, float, str]]:
    yield "Invocations", 1.0, "None"
    if instances:
        yield "InvocationsPerInstance", 1.0 / instances, "None"
    yield "Invocation4XXErrors", float(400 <= call.status < 500), "None"
    yield "Invocation5XXErrors", float(500 <= call.status < 600), "None"
    yield "InvocationModelErrors", float(not 200 <= call.status < 300), "None"
    yield "ModelLatency", call.in_model * 1e6, "Microseconds"
    yield "OverheadLatency", (call.total - call.in_model) * 1e6, "Microseconds"
    if call.setup:
        yield "ModelSetupTime", call.setup * 1e6, "Microseconds"

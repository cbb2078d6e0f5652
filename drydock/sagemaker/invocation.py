"""InvokeEndpoint: one request through an endpoint to a container and back, measured."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drydock.sagemaker.capture import Capturer
from drydock.sagemaker.driver import Driver
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.model import SERVING, Endpoint
from drydock.sagemaker.slot import Slot
from drydock.sagemaker.state import State
from drydock.sagemaker.surroundings import ContainerAnswer, Instance, Surroundings
from drydock.sagemaker.traffic import Splitter, Way, ways

NAMESPACE = "AWS/SageMaker"
TIMEOUT_SECONDS = 60.0
"""Real seconds that a model has for its answer."""
CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_FORWARDED = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": CUSTOM_ATTRIBUTES,
    "TargetModel": "X-Amzn-SageMaker-Target-Model",
    "SessionId": "X-Amzn-SageMaker-Session-Id",
}
_RETURNED = (CUSTOM_ATTRIBUTES, "X-Amzn-SageMaker-New-Session-Id", "X-Amzn-SageMaker-Closed-Session-Id")
"""Headers of a container's answer that the caller gets, besides its type."""
_LONGEST_MESSAGE = 2048
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container {hostname}. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)
_NO_ANSWER = "Amazon SageMaker could not get a response from container {hostname}."


@dataclass(frozen=True)
class _Call:
    """What one request took, in seconds."""

    status: int
    total: float
    in_model: float


class Invoker:
    """Sends requests to the containers of endpoints.

    Args:
        state: the endpoints.
        driver: their running fleets.
        surroundings: where metrics go.
        timeout_seconds: real seconds that a model has for its answer.
    """

    def __init__(
        self, state: State, driver: Driver, surroundings: Surroundings, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._state = state
        self._driver = driver
        self._surroundings = surroundings
        self._timeout_seconds = timeout_seconds
        self._splitters: dict[tuple[str, str], Splitter[tuple[str, str]]] = {}
        """By endpoint and target variant."""
        self._capturer = Capturer(surroundings, state.now)

    async def close(self) -> None:
        """Write what was captured."""
        await self._capturer.close()

    async def invoke(self, request: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        """Answer an invocation.

        Args:
            request: members of InvokeEndpoint, validated.

        Returns:
            Headers and body of a 200.

        Raises:
            ServiceError: ValidationError, ServiceUnavailable or ModelError.
        """
        began = time.perf_counter()
        endpoint = self._serving(request["EndpointName"])
        way = self._choose(endpoint, request.get("TargetVariant", ""))
        running = self._driver.running(way.fleet)
        picked = running.pick(way.variant.name) if running else None
        if picked is None:
            self._measure(endpoint, way, _Call(0, 0.0, 0.0))
            raise ServiceError("ServiceUnavailable", "The service is temporarily unavailable. Try again.", 503)
        sent = time.perf_counter()
        answer = await self._send(*picked, request)
        ended = time.perf_counter()
        self._measure(endpoint, way, _Call(answer.status, ended - began, ended - sent))
        if not 200 <= answer.status < 300:
            raise self._model_error(endpoint, way, answer, timed_out=ended - sent >= self._timeout_seconds)
        self._capturer.capture(way.fleet.capture, endpoint.name, way.variant.name, request, answer)
        return _answer_headers(answer, way), answer.body

    def _serving(self, name: str) -> Endpoint:
        endpoint = self._state.endpoints.get(name.lower())
        if endpoint is None or endpoint.name != name or endpoint.status not in SERVING:
            account = self._state.place.account
            raise ServiceError("ValidationError", f"Endpoint {name} of account {account} not found.")
        return endpoint

    def _choose(self, endpoint: Endpoint, target_variant: str) -> Way:
        open_ways = ways(endpoint, target_variant)
        if len(open_ways) == 1:
            return open_ways[0][0]
        if not open_ways:
            raise ServiceError("ValidationError", f"Variant {target_variant} not found on endpoint {endpoint.name}.")
        splitter = self._splitter(endpoint.name, target_variant)
        by_key = {(way.fleet.id, way.variant.name): way for way, _ in open_ways}
        return by_key[splitter.choose({(way.fleet.id, way.variant.name): share for way, share in open_ways})]

    def _splitter(self, endpoint: str, target_variant: str) -> Splitter[tuple[str, str]]:
        found = self._splitters.get((endpoint, target_variant))
        if found is None:
            gone = [key for key in self._splitters if key[0].lower() not in self._state.endpoints]
            for key in gone:
                del self._splitters[key]
            found = self._splitters[endpoint, target_variant] = Splitter()
        return found

    async def _send(self, slot: Slot, instance: Instance, request: Mapping[str, Any]) -> ContainerAnswer:
        headers = {header: request[member] for member, header in _FORWARDED.items() if member in request}
        slot.borrow()
        status = 0
        try:
            answer = await instance.invoke(request["Body"], headers, self._timeout_seconds)
            status = answer.status
        finally:
            slot.give_back(broken=status == 0)
        return answer

    def _measure(self, endpoint: Endpoint, way: Way, call: _Call) -> None:
        base = {"EndpointName": endpoint.name, "VariantName": way.variant.name}
        dimension_sets: list[Mapping[str, str]] = [base]
        if way.fleet.scoped:
            dimension_sets.append({**base, "EndpointConfigName": way.fleet.config_name})
        for name, value, unit in _measurements(call, max(way.variant.ready, 1)):
            self._surroundings.put_metric(NAMESPACE, name, dimension_sets, value, unit)

    def _model_error(self, endpoint: Endpoint, way: Way, answer: ContainerAnswer, *, timed_out: bool) -> ServiceError:
        place, group = self._state.place, f"/aws/sagemaker/Endpoints/{endpoint.name}"
        hostname = way.variant.container.get("ContainerHostname", "primary")
        text = _original_message(answer, hostname, timed_out=timed_out)
        side = "client" if 400 <= answer.status < 500 else "server"
        message = (
            f'Received {side} error ({answer.status}) from {hostname} with message "{text}". '
            f"See https://{place.region}.console.aws.amazon.com/cloudwatch/home?region={place.region}"
            f"#logEventViewer:group={group} in account {place.account} for more information."
        )
        members = {
            "ErrorCode": f"{'CLIENT_ERROR' if side == 'client' else 'INTERNAL_FAILURE'}_FROM_MODEL",
            "OriginalStatusCode": answer.status,
            "OriginalMessage": text,
            "LogStreamArn": place.log_group_arn(group),
        }
        return ServiceError("ModelError", message, 424, members)


def _measurements(call: _Call, instances: int) -> Iterable[tuple[str, float, str]]:
    yield "Invocations", 1.0, "None"
    yield "InvocationsPerInstance", 1.0 / instances, "None"
    yield "Invocation4XXErrors", float(400 <= call.status < 500), "None"
    yield "Invocation5XXErrors", float(500 <= call.status < 600), "None"
    yield "InvocationModelErrors", float(not 200 <= call.status < 300), "None"
    yield "ModelLatency", call.in_model * 1e6, "Microseconds"
    yield "OverheadLatency", (call.total - call.in_model) * 1e6, "Microseconds"


def _original_message(answer: ContainerAnswer, hostname: str, *, timed_out: bool) -> str:
    if answer.status:
        return answer.body[: 4 * _LONGEST_MESSAGE].decode(errors="replace")[:_LONGEST_MESSAGE]
    return (_TIMED_OUT if timed_out else _NO_ANSWER).format(hostname=hostname)


def _answer_headers(answer: ContainerAnswer, way: Way) -> dict[str, str]:
    sent = {name.lower(): value for name, value in answer.headers.items()}
    headers = {
        "Content-Type": sent.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": way.variant.name,
    }
    return headers | {name: sent[name.lower()] for name in _RETURNED if name.lower() in sent}

"""InvokeEndpoint: one request through an endpoint to a container and back, measured."""

import time
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.capture import Capturer
from drydock.sagemaker.driver import Driver
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.measuring import Call, measure
from drydock.sagemaker.mirroring import Mirror
from drydock.sagemaker.model import SERVING, Endpoint
from drydock.sagemaker.model_errors import model_error
from drydock.sagemaker.sending import answer_headers, send
from drydock.sagemaker.state import State
from drydock.sagemaker.surroundings import Surroundings
from drydock.sagemaker.traffic import Splitters, Way, ways

TIMEOUT_SECONDS = 60.0
"""Real seconds that a model has for its answer."""


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
        self._splitters: Splitters[tuple[str, str]] = Splitters(state.endpoints)
        self._capturer = Capturer(surroundings, state.now)
        self._mirror = Mirror(driver, surroundings, self._capturer, Splitters(state.endpoints), timeout_seconds)

    async def close(self) -> None:
        """Give up copies under way and write what was captured."""
        await self._mirror.close()
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
        self._mirror.reflect(endpoint, way, request)
        running = self._driver.running(way.fleet)
        picked = running.pick(way.variant.name) if running else None
        if picked is None:
            measure(self._surroundings, endpoint.name, way, Call(0, 0.0, 0.0))
            raise ServiceError("ServiceUnavailable", "The service is temporarily unavailable. Try again.", 503)
        sent = time.perf_counter()
        answer = await send(picked, request, self._timeout_seconds)
        ended = time.perf_counter()
        measure(self._surroundings, endpoint.name, way, Call(answer.status, ended - began, ended - sent))
        if not 200 <= answer.status < 300:
            hostname = way.variant.container.get("ContainerHostname", "primary")
            timed_out = ended - sent >= self._timeout_seconds
            raise model_error(self._state.place, endpoint.name, hostname, answer, timed_out=timed_out)
        self._capturer.capture(way.fleet.capture, endpoint.name, way.variant.name, request, answer)
        return answer_headers(answer, way.variant.name), answer.body

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
        splitter = self._splitters.of(endpoint.name, target_variant)
        by_key = {(way.fleet.id, way.variant.name): way for way, _ in open_ways}
        return by_key[splitter.choose({(way.fleet.id, way.variant.name): share for way, share in open_ways})]

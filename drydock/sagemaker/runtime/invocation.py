"""InvokeEndpoint: one request through an endpoint to a container and back, measured."""

import time
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.place import Place
from drydock.sagemaker.runtime.addressing import Addresses, unavailable
from drydock.sagemaker.runtime.capture import Capturer
from drydock.sagemaker.runtime.measuring import Call, measure, measure_parts
from drydock.sagemaker.runtime.mirroring import Mirror
from drydock.sagemaker.runtime.model_errors import model_error
from drydock.sagemaker.runtime.sending import answer_headers, send
from drydock.sagemaker.surroundings import Surroundings

TIMEOUT_SECONDS = 60.0
"""Real seconds that a model has for its answer."""


class Invoker:
    """Sends requests to the containers of endpoints.

    Args:
        addresses: say where a request goes.
        surroundings: where metrics go.
        mirror: copies requests to shadow variants.
        capturer: takes what is to be captured.
        place: whose endpoints they are.
        timeout_seconds: real seconds that a model has for its answer.
    """

    def __init__(
        self,
        addresses: Addresses,
        surroundings: Surroundings,
        mirror: Mirror,
        capturer: Capturer,
        place: Place,
        timeout_seconds: float,
    ) -> None:
        self._addresses = addresses
        self._surroundings = surroundings
        self._mirror = mirror
        self._capturer = capturer
        self._place = place
        self._timeout_seconds = timeout_seconds

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
        endpoint, way, picked = self._addresses.find(request)
        self._mirror.reflect(endpoint, way, request)
        if picked is None:
            measure(self._surroundings, endpoint.name, way, Call(0, 0.0, 0.0))
            raise unavailable()
        sent = time.perf_counter()
        answer = await send(picked, request, self._timeout_seconds)
        ended = time.perf_counter()
        setup = answer.setup_seconds
        in_model = ended - sent - setup
        measure(self._surroundings, endpoint.name, way, Call(answer.status, ended - began, in_model, setup))
        measure_parts(self._surroundings, endpoint.name, way, answer, ended - began)
        self._capturer.capture(way.fleet.capture, endpoint.name, way.variant.name, request, answer)
        if not 200 <= answer.status < 300:
            timed_out = in_model >= self._timeout_seconds
            raise model_error(self._place, endpoint.name, way.variant, answer, timed_out=timed_out)
        self._addresses.sessions.note(endpoint.name, way, picked, request, answer)
        return answer_headers(answer.headers, way.variant.name), answer.body

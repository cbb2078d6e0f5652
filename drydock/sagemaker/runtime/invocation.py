"""InvokeEndpoint: one request through an endpoint to a container and back, measured."""

import time
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.runtime.exchange import Exchange
from drydock.sagemaker.runtime.measuring import Call
from drydock.sagemaker.runtime.sending import answer_headers, send

TIMEOUT_SECONDS = 60.0
"""Real seconds that a model has for its answer."""


class Invoker:
    """Sends requests to the containers of endpoints.

    Args:
        exchange: begins invocations and accounts for them.
        timeout_seconds: real seconds that a model has for its answer.
    """

    def __init__(self, exchange: Exchange, timeout_seconds: float) -> None:
        self._exchange = exchange
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
        address, picked = self._exchange.begin(request)
        sent = time.perf_counter()
        answer = await send(picked, request, self._timeout_seconds)
        ended = time.perf_counter()
        setup = answer.setup_seconds
        in_model = ended - sent - setup
        self._exchange.measure(address, Call(answer.status, ended - began, in_model, setup), answer)
        self._exchange.capture(address, request, answer)
        if not 200 <= answer.status < 300:
            raise self._exchange.failed(address, answer, timed_out=in_model >= self._timeout_seconds)
        self._exchange.note_session(address, request, answer)
        return answer_headers(answer.headers, address.way.variant.name), answer.body

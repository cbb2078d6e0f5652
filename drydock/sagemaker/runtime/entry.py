"""The runtime's side of the service: an invocation is parsed, allowed, carried out and answered."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from drydock.sagemaker.driving.driver import Driver
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations.sabotage import Saboteur
from drydock.sagemaker.runtime.addressing import Addresses
from drydock.sagemaker.runtime.async_queue import AsyncInvoker
from drydock.sagemaker.runtime.capture import Capturer
from drydock.sagemaker.runtime.exchange import Exchange
from drydock.sagemaker.runtime.invocation import Invoker
from drydock.sagemaker.runtime.mirroring import Mirror
from drydock.sagemaker.runtime.streaming import LONGER, Streamer
from drydock.sagemaker.runtime.traffic import Splitters
from drydock.sagemaker.surroundings import Surroundings
from drydock.sagemaker.wire import rest

Authorise = Callable[[str, dict[str, Any], Mapping[str, str]], None]
"""Refuses what a caller may not do: operation, request, headers."""
Answer = tuple[int, dict[str, str], bytes | AsyncIterator[bytes]]


class Runtime:
    """Answers invocations.

    Args:
        state: the endpoints.
        driver: their running fleets.
        surroundings: where metrics and captured data go.
        saboteur: lets planned faults strike.
        timeout_seconds: real seconds that a model has for its answer.
    """

    def __init__(
        self, state: State, driver: Driver, surroundings: Surroundings, saboteur: Saboteur, timeout_seconds: float
    ) -> None:
        self._state = state
        self._saboteur = saboteur
        self._capturer = Capturer(surroundings, state.now, lambda: state.rules.capture_failures)
        self._mirror = Mirror(driver, surroundings, self._capturer, Splitters(state.endpoints), timeout_seconds)
        addresses = Addresses(state, driver)
        exchange = Exchange(addresses, surroundings, self._mirror, self._capturer, state.place)
        self._invoker = Invoker(exchange, timeout_seconds)
        self._streamer = Streamer(exchange, LONGER * timeout_seconds)
        self.queues = AsyncInvoker(state, addresses, surroundings)
        """The asynchronous requests."""

    async def close(self) -> None:
        """Give up copies and asynchronous requests under way and write what was captured."""
        await self.queues.close()
        await self._mirror.close()
        await self._capturer.close()

    async def answer(
        self, operation: str, name: str, headers: Mapping[str, str], body: bytes, authorise: Authorise
    ) -> Answer:
        """Answer an invocation.

        Args:
            operation: what the path says.
            name: the endpoint's.
            headers: names in lower case.
            body: the payload.
            authorise: refuses who may not.

        Returns:
            HTTP status, headers, body.
        """
        try:
            request = rest.parse(operation, name, headers, body, self._state.rules.largest_body)
            authorise(operation, request, headers)
            return await self._saboteur.around(operation, request, lambda: self._perform(operation, request))
        except ServiceError as error:
            return error.status, *rest.error_answer(error)

    async def _perform(self, operation: str, request: dict[str, Any]) -> Answer:
        if operation == rest.STREAM:
            answered, events = await self._streamer.stream(request)
            return 200, rest.stream_answer(answered), events
        if operation == rest.ASYNC:
            job = self.queues.invoke(request)
            return rest.async_answer(job.id, job.output, job.failure)
        return 200, *await self._invoker.invoke(request)

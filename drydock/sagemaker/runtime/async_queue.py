"""The queues of asynchronous endpoints: each instance works on a number of requests at once, the others wait.

What an endpoint has in its queue when it is deleted is lost. Where a service keeps its state, its next life works off
what waited, and what was under way from its beginning.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Mapping
from functools import partial
from typing import Any

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.fleets.slot import Slot
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.memory.statuses import SERVING
from drydock.sagemaker.runtime.addressing import Addresses
from drydock.sagemaker.runtime.async_requests import LONGEST_WAIT, AsyncRequest, concurrency, from_plain, plain, take
from drydock.sagemaker.runtime.async_work import AsyncWork
from drydock.sagemaker.runtime.demands import check_demands
from drydock.sagemaker.runtime.measuring import NAMESPACE
from drydock.sagemaker.surroundings import Surroundings

PUBLISHING_SECONDS = 60.0
"""SageMaker's seconds between two looks at the length of a queue that does not change."""
LOOKING_SECONDS = 0.05
"""Real seconds between two looks for an instance that could take what waits."""


class AsyncInvoker:
    """Takes asynchronous requests and has them worked off.

    Args:
        state: the endpoints.
        addresses: say where a request goes.
        surroundings: where metrics go.
    """

    def __init__(self, state: State, addresses: Addresses, surroundings: Surroundings) -> None:
        self._state = state
        self._addresses = addresses
        self._surroundings = surroundings
        self._work = AsyncWork(surroundings, state.place, state.now)
        self._queues: dict[str, _Queue] = {}
        self._remembered: list[AsyncRequest] = []

    def document(self) -> list[dict[str, Any]]:
        """Write what waits and what is under way."""
        return [plain(job) for queue in self._queues.values() for job in queue.jobs]

    def restore(self, document: list[dict[str, Any]]) -> None:
        """Take over what an earlier life left; `resume` goes on with it."""
        self._remembered = [from_plain(each) for each in document]

    def resume(self) -> None:
        """Work off what was taken over."""
        for job in self._remembered:
            self._enqueue(job)
        self._remembered = []

    def invoke(self, request: Mapping[str, Any]) -> AsyncRequest:
        """Take a request.

        Args:
            request: members of InvokeEndpointAsync, validated.

        Raises:
            ServiceError: ValidationError.
        """
        endpoint = self._addresses.serving(request["EndpointName"])
        job = take(endpoint, request, self._state.now())
        for variant in endpoint.fleet.production if endpoint.fleet else ():
            check_demands(endpoint.name, variant, request)
        self._enqueue(job)
        return job

    def _enqueue(self, job: AsyncRequest) -> None:
        self._queues = {name: each for name, each in self._queues.items() if not each.ended}
        queue = self._queues.get(job.endpoint)
        if queue is None:
            queue = self._queues[job.endpoint] = _Queue(
                job.endpoint, self._state, self._addresses, self._work, self._surroundings
            )
        queue.add(job)

    async def close(self) -> None:
        """Give up what waits and what is under way."""
        await asyncio.gather(*(queue.close() for queue in self._queues.values()))


class _Queue:
    """The queue of one endpoint; it ends when it is empty, or when the endpoint is gone."""

    def __init__(
        self, endpoint: str, state: State, addresses: Addresses, work: AsyncWork, surroundings: Surroundings
    ) -> None:
        self._endpoint = endpoint
        self._state = state
        self._addresses = addresses
        self._work = work
        self._surroundings = surroundings
        self._waiting: deque[AsyncRequest] = deque()
        self._under_way: dict[asyncio.Task[None], AsyncRequest] = {}
        self._busy: Counter[Slot] = Counter()
        """Requests that each instance works on."""
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def ended(self) -> bool:
        return self._task.done()

    @property
    def jobs(self) -> list[AsyncRequest]:
        return [*self._under_way.values(), *self._waiting]

    def add(self, job: AsyncRequest) -> None:
        self._waiting.append(job)
        self._changed.set()

    async def close(self) -> None:
        for task in (self._task, *self._under_way):
            task.cancel()
        await asyncio.gather(self._task, *self._under_way, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._changed.wait()
            while (self._waiting or self._under_way) and (endpoint := self._serving()):
                self._changed.clear()
                await self._expire(endpoint)
                self._begin_waiting()
                self._publish(endpoint)
                pause = self._state.tempo.real(PUBLISHING_SECONDS)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOKING_SECONDS if self._waiting else pause):
                        await self._changed.wait()
            if endpoint := self._serving():
                self._publish(endpoint)
        finally:
            for task in self._under_way:
                task.cancel()

    def _serving(self) -> Endpoint | None:
        found = self._state.endpoints.get(self._endpoint.lower())
        return found if found and found.status in SERVING else None

    async def _expire(self, endpoint: Endpoint) -> None:
        now, real = self._state.now(), self._state.tempo.real
        late = [
            job
            for job in self._waiting
            if now >= job.received + real(float(job.request.get("RequestTTLSeconds", LONGEST_WAIT)))
        ]
        for job in late:
            self._waiting.remove(job)
            await self._work.expire(job, next(iter(endpoint.fleet.variants)) if endpoint.fleet else "")

    def _begin_waiting(self) -> None:
        """Begin with what an instance has room for."""
        while self._waiting:
            most = concurrency(self._waiting[0].settings)
            try:
                address = self._addresses.find(self._waiting[0].request, partial(self._has_room, most))
            except ServiceError:  # no variant takes requests
                return
            if address.picked is None:
                return
            slot, job = address.picked[0], self._waiting.popleft()
            task = asyncio.create_task(self._work.do(job, address))
            self._under_way[task] = job
            self._busy[slot] += 1
            task.add_done_callback(partial(self._done, slot))

    def _has_room(self, most: int, slot: Slot) -> bool:
        return self._busy[slot] < most

    def _done(self, slot: Slot, task: "asyncio.Task[None]") -> None:
        del self._under_way[task]
        self._busy[slot] -= 1
        self._busy += Counter()  # forgets the slots that are idle
        self._changed.set()

    def _publish(self, endpoint: Endpoint) -> None:
        received = [job.received for job in self.jobs]
        size = len(received)
        instances = _instances(endpoint)
        for name, value, unit in (
            ("ApproximateBacklogSize", float(size), "Count"),
            ("ApproximateBacklogSizePerInstance", size / max(instances, 1), "Count"),
            ("ApproximateAgeOfOldestRequest", self._state.now() - min(received) if received else 0.0, "Seconds"),
            ("HasBacklogWithoutCapacity", float(size > 0 and not instances), "Count"),
        ):
            self._surroundings.put_metric(NAMESPACE, name, [{"EndpointName": endpoint.name}], value, unit)


def _instances(endpoint: Endpoint) -> int:
    return sum(variant.ready for fleet in endpoint.fleets for variant in fleet.production)

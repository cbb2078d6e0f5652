"""Serverless variants: a container for each request at once, started when it is needed, ended when it is idle.

To its slot such a variant is one instance that stretches. Source: SageMaker developer guide, "Deploy models with Amazon
SageMaker Serverless Inference": cold starts, provisioned concurrency. One request at a time for each container, and the
time until an idle one ends, are inferred.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from drydock.sagemaker.answers import ContainerAnswer, ContainerStream
from drydock.sagemaker.definitions.serverless import LARGEST_PAYLOAD, not_ready
from drydock.sagemaker.fleets.slot import PING_FAILED
from drydock.sagemaker.memory.model import Variant
from drydock.sagemaker.surroundings import Instance, LaunchError

_FIRST_PING, _SLOWER, _LAST_PING = 0.005, 1.5, 0.25
_TOO_LARGE = ContainerAnswer(413, b"Response body exceeds %d bytes." % LARGEST_PAYLOAD)


class ElasticInstance:
    """The containers of a serverless variant, as many as are needed; an `Instance` of the surroundings.

    Args:
        variant: says how many stay running (ProvisionedConcurrency), also after a change of that.
        launch: starts a container; does not wait for /ping.
        startup_seconds: real seconds that a container has until /ping must answer.
        idle_seconds: gives the real seconds after which one without a request ends.
    """

    def __init__(
        self,
        variant: Variant,
        launch: Callable[[], Awaitable[Instance]],
        startup_seconds: float,
        idle_seconds: Callable[[], float],
    ) -> None:
        self._variant = variant
        self._launch = launch
        self._startup_seconds = startup_seconds
        self._idle_seconds = idle_seconds
        self._clock = asyncio.get_running_loop().time
        self._containers: set[Instance] = set()
        self._idle: list[tuple[Instance, float]] = []
        """Those without a request and since when, the longest idle first."""
        self._starting: set[asyncio.Task[Instance]] = set()
        self._unclaimed: list[asyncio.Task[Instance]] = []
        """Those of them that no request waits for any more: the next one takes them."""
        self._ending: asyncio.Task[None] | None = None
        self._proven = False
        self._gone = False

    @property
    def alive(self) -> bool:
        """Whether it can go on: once a container was healthy, others can be started."""
        return not self._gone and (self._proven or all(each.alive for each in self._containers))

    async def begin(self) -> None:
        """Start the containers that are provisioned, one at least: a model that cannot run is found out here.

        Raises:
            LaunchError: one cannot be started.
        """
        try:
            for _ in range(max(1, self._provisioned)):
                self._containers.add(await self._launch())
        except (LaunchError, asyncio.CancelledError):
            await self.stop()
            raise

    async def ping(self) -> bool:
        """Say whether its first containers are healthy; later on, replace what is missing of the provisioned ones."""
        if self._proven:
            for _ in range(self._provisioned - len(self._containers) - len(self._starting)):
                self._unclaimed.append(self._start())
            self._end_idle_ones()
            return self.alive
        self._proven = all(await asyncio.gather(*(each.ping() for each in self._containers)))
        if self._proven:
            for each in self._containers:
                self._put(each)
        return self._proven

    async def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerAnswer:
        """Send POST /invocations to an idle container, or to a new one.

        Raises:
            ServiceError: ModelNotReadyException, the new one is not ready in time.
        """
        try:
            container, setup = await self._take(timeout)
        except LaunchError:
            return ContainerAnswer(0)
        try:
            answer = await container.invoke(body, headers, timeout)
        finally:
            self._put(container)
        return replace(_TOO_LARGE if len(answer.body) > LARGEST_PAYLOAD else answer, setup_seconds=setup)

    async def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerStream:
        """Send POST /invocations as `invoke` does; the container is busy until the answer is closed.

        Raises:
            ServiceError: ModelNotReadyException, a new container is not ready in time.
        """
        try:
            container, _ = await self._take(timeout)
        except LaunchError:
            return ContainerStream(0)
        with contextlib.ExitStack() as at_the_end:
            at_the_end.callback(self._put, container)
            answer = await container.stream(body, headers, timeout)
            at_the_end.callback(answer.close)
            return replace(answer, close=at_the_end.pop_all().close)

    async def stop(self) -> None:
        """End everything."""
        self._gone = True
        tasks = [*self._starting, *([self._ending] if self._ending else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        containers, self._containers, self._idle = self._containers, set(), []
        await asyncio.gather(*(each.stop() for each in containers))

    @property
    def _provisioned(self) -> int:
        return (self._variant.serverless or {}).get("ProvisionedConcurrency", 0)

    async def _take(self, timeout: float) -> tuple[Instance, float]:
        """Give a container without a request, and the seconds that it took to start it."""
        while self._idle:
            container, _ = self._idle.pop()
            if container.alive:
                return container, 0.0
            self._containers.discard(container)
        began = self._clock()
        task = self._unclaimed.pop(0) if self._unclaimed else self._start()
        try:
            container = await asyncio.wait_for(asyncio.shield(task), timeout)
        except (TimeoutError, asyncio.CancelledError) as error:
            self._unclaimed.append(task)
            if isinstance(error, TimeoutError):
                raise not_ready(self._variant.name) from None
            raise
        return container, self._clock() - began

    def _start(self) -> "asyncio.Task[Instance]":
        task = asyncio.create_task(self._fresh())
        self._starting.add(task)
        task.add_done_callback(self._started)
        return task

    def _started(self, task: "asyncio.Task[Instance]") -> None:
        self._starting.discard(task)
        if task in self._unclaimed:
            self._unclaimed.remove(task)
            if not task.cancelled() and not task.exception():
                self._put(task.result())

    async def _fresh(self) -> Instance:
        container = await self._launch()
        self._containers.add(container)
        deadline, pause = self._clock() + self._startup_seconds, _FIRST_PING
        while not await container.ping():
            if not container.alive or self._clock() >= deadline:
                self._containers.discard(container)
                await container.stop()
                raise LaunchError(PING_FAILED.format(hostname="primary", variant=self._variant.name))
            await asyncio.sleep(pause)
            pause = min(pause * _SLOWER, _LAST_PING)
        return container

    def _put(self, container: Instance) -> None:
        """Take a container back that has no request any more."""
        if self._gone or not container.alive:
            self._containers.discard(container)
            return
        self._idle.append((container, self._clock()))
        self._end_idle_ones()

    def _end_idle_ones(self) -> None:
        if self._ending is None or self._ending.done():
            self._ending = asyncio.create_task(self._end_in_time())

    async def _end_in_time(self) -> None:
        while self._idle and len(self._containers) > self._provisioned:
            left = self._idle[0][1] + self._idle_seconds() - self._clock()
            if left > 0:
                await asyncio.sleep(left)
                continue
            container, _ = self._idle.pop(0)
            self._containers.discard(container)
            await container.stop()

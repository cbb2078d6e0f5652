"""Many endpoints on a small machine: beyond a number of processes, idle ones end and come back with the next request.

AWS keeps every instance running; here what nobody asks costs no memory. A parked instance passes for a healthy one. Its
model stays unpacked, so it returns within the time of a fork and of loading; what its handlers kept in memory is lost.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace

from drydock.sagemaker.answers import ContainerAnswer, ContainerStream
from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.serving.starting import Recipe
from drydock.sagemaker.surroundings import ContainerSpec, LaunchError

MOST_RUNNING = 20
IDLE_SECONDS = 2.0
"""How long an instance must have been idle before it may be parked."""


class ParkableInstance:
    """An instance whose process may rest; an `Instance` of the surroundings.

    Args:
        launcher: starts its process again.
        recipe: what from; given back by `stop`.
        process: the first one.
    """

    def __init__(self, launcher: "ParkingLauncher", recipe: Recipe, process: ProcessInstance) -> None:
        self._launcher = launcher
        self._recipe = recipe
        self._process: ProcessInstance | None = process
        self._changing = asyncio.Lock()
        self._in_flight = 0
        self._healthy = False
        self._gone = False
        self._released = False
        self.used = asyncio.get_running_loop().time()
        """When it was last asked, by the loop's clock."""

    @property
    def alive(self) -> bool:
        """Whether the process runs, or rests."""
        return not self._gone and (self._process is None or self._process.alive)

    @property
    def parked(self) -> bool:
        """Whether there is no process at the moment."""
        return self._process is None

    def may_rest(self, now: float) -> bool:
        """Whether it runs, has been healthy and has had nothing to do for a while."""
        idle = not self._in_flight and now - self.used >= IDLE_SECONDS
        return idle and self._healthy and not self.parked and not self._changing.locked() and self.alive

    async def ping(self) -> bool:
        """Ask GET /ping; a parked one is taken for healthy."""
        if self._process is None:
            return self.alive
        healthy = await self._process.ping()
        self._healthy = self._healthy or healthy
        return healthy

    async def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerAnswer:
        """Send POST /invocations, to a new process where the old one was parked."""
        self._in_flight += 1
        try:
            process = await self._at_hand()
            return await process.invoke(body, headers, timeout) if process else ContainerAnswer(0)
        finally:
            self._end_request()

    async def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerStream:
        """Send POST /invocations as `invoke` does, and wait for the head of the answer only."""
        with contextlib.ExitStack() as on_failure:
            self._in_flight += 1
            on_failure.callback(self._end_request)
            process = await self._at_hand()
            answer = await process.stream(body, headers, timeout) if process else ContainerStream(0)
            until_closed = on_failure.pop_all()
        until_closed.callback(answer.close)
        return replace(answer, close=until_closed.close)

    async def park(self) -> None:
        """End the process, and let the next request start another."""
        async with self._changing:
            process = self._process
            if process and process.alive and not self._in_flight:
                await process.stop()
                self._process = None

    async def stop(self) -> None:
        """Send SIGTERM, then SIGKILL to what is still there after the grace time."""
        self._gone = True
        async with self._changing:
            process, self._process = self._process, None
            if process:
                await process.stop()
            released, self._released = self._released, True
        if not released:
            await self._launcher.forget(self, self._recipe)

    def _end_request(self) -> None:
        self._in_flight -= 1
        self.used = asyncio.get_running_loop().time()

    async def _at_hand(self) -> ProcessInstance | None:
        """Give the process, a new one where the old one was parked; None when there can be none."""
        try:
            process = self._process if not self._changing.locked() else None
            return process or await self._awake()
        except LaunchError:
            self._gone = True
            return None

    async def _awake(self) -> ProcessInstance:
        async with self._changing:
            if self._gone:
                raise LaunchError("the instance has been stopped")
            if self._process is None:
                self._process = await self._launcher.run_again(self._recipe)
            return self._process


class ParkingLauncher:
    """A `Launcher` of the surroundings that keeps few processes running.

    Args:
        launcher: starts processes.
        most_running: how many may run before idle ones are parked; more run where none is idle.
    """

    def __init__(self, launcher: ProcessLauncher, most_running: int = MOST_RUNNING) -> None:
        self._launcher = launcher
        self._most_running = most_running
        self._instances: set[ParkableInstance] = set()
        self._tidying: asyncio.Task[None] | None = None

    @property
    def running(self) -> int:
        """How many instances have a process at the moment."""
        return sum(not each.parked for each in self._instances)

    async def start(self) -> None:
        """Start the zygote beforehand."""
        await self._launcher.start()

    async def launch(self, spec: ContainerSpec) -> ParkableInstance:
        """Fetch and unpack the model and start the container; does not wait for /ping.

        Raises:
            LaunchError: the model data cannot be fetched or unpacked, or no process can be started.
        """
        recipe = await self._launcher.prepare(spec)
        try:
            instance = ParkableInstance(self, recipe, await self._launcher.run(recipe))
        except (LaunchError, asyncio.CancelledError):
            await self._launcher.release(recipe)
            raise
        self._instances.add(instance)
        self._tidy()
        return instance

    async def run_again(self, recipe: Recipe) -> ProcessInstance:
        """Start the process of a parked instance."""
        process = await self._launcher.run(recipe)
        self._tidy()
        return process

    async def forget(self, instance: ParkableInstance, recipe: Recipe) -> None:
        """Give back what an instance was started from."""
        self._instances.discard(instance)
        await self._launcher.release(recipe)

    async def close(self) -> None:
        """Stop everything that was started."""
        if self._tidying:
            self._tidying.cancel()
            await asyncio.wait([self._tidying])
        await self._launcher.close()

    def _tidy(self) -> None:
        if self._tidying is None or self._tidying.done():
            self._tidying = asyncio.create_task(self._park_idle_ones())

    async def _park_idle_ones(self) -> None:
        clock = asyncio.get_running_loop().time
        while (excess := self.running - self._most_running) > 0:
            resting = sorted((each for each in self._instances if each.may_rest(clock())), key=lambda each: each.used)
            await asyncio.gather(*(each.park() for each in resting[:excess]))
            if len(resting) < excess:
                await asyncio.sleep(IDLE_SECONDS / 4)

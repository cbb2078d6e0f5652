"""The hosting service: what a request of boto3 reaches, and the task that moves endpoints."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from drydock.sagemaker import fault_door, rules_door
from drydock.sagemaker.driving.driver import Driver
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.faults import FaultPlan
from drydock.sagemaker.memory.file import Kept, Memory
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations.admission import admit
from drydock.sagemaker.operations.permissions import Judge, needed, refuse_unless_allowed
from drydock.sagemaker.operations.sabotage import Saboteur
from drydock.sagemaker.operations.scaled import targets_of
from drydock.sagemaker.operations.table import perform
from drydock.sagemaker.place import ACCOUNT, REGION, Place, Tempo
from drydock.sagemaker.runtime.entry import Answer, Runtime
from drydock.sagemaker.runtime.invocation import TIMEOUT_SECONDS
from drydock.sagemaker.surroundings import Launcher, Now, Surroundings
from drydock.sagemaker.wire import aws_json, rest, shapes

REVIVAL_SECONDS = 10.0
"""Real seconds that `revived` waits at most."""
_LOOK_SECONDS = 0.01


class HostingService:
    """SageMaker hosting, control plane and runtime, behind one handler; belongs to the event loop that starts it.

    Args:
        launcher: starts containers; closed with the service.
        surroundings: the rest of the cloud.
        scale: how many of SageMaker's seconds pass in a real one.
        provisioning_seconds: SageMaker's seconds that bringing up a fleet takes at least.
        shortest_startup: real seconds that a container always has until /ping must answer, whatever the scale.
        ping_seconds: real seconds between two pings of a serving instance.
        invocation_timeout: real seconds that a model has for its answer.
        now: the clock, seconds since the epoch.
        faults: what shall go wrong; also set over HTTP under /_drydock/faults.
        account: twelve digits.
        region: a region's name.
        judge: says whether the caller of a request may do something; None where everybody may.
        memory: the file that keeps the state over a restart; None for a service that forgets.
    """

    def __init__(
        self,
        launcher: Launcher,
        surroundings: Surroundings,
        *,
        scale: float = 1.0,
        provisioning_seconds: float = 0.0,
        shortest_startup: float = 2.0,
        ping_seconds: float = 5.0,
        invocation_timeout: float = TIMEOUT_SECONDS,
        now: Now = time.time,
        faults: FaultPlan | None = None,
        account: str = ACCOUNT,
        region: str = REGION,
        judge: Judge | None = None,
        memory: Path | None = None,
    ) -> None:
        self.faults = faults or FaultPlan()
        tempo = Tempo(scale, provisioning_seconds, shortest_startup, ping_seconds)
        self.state = State(Place(account, region), now, tempo)
        self._launcher = launcher
        self._surroundings = surroundings
        self._driver = Driver(self.state, launcher, surroundings, self.faults)
        self._saboteur = Saboteur(self.faults, self.state)
        self._runtime = Runtime(self.state, self._driver, surroundings, self._saboteur, invocation_timeout)
        self.around = self._saboteur.around
        """Lets planned faults strike an operation, of this service or of one beside it."""
        self._judge = judge
        self._memory = Memory(memory, self.state) if memory else None
        self.remember("async", self._runtime.queues)
        self._starting = asyncio.Lock()
        self._moving: asyncio.Task[None] | None = None

    def remember(self, name: str, kept: Kept) -> None:
        """Let the memory, where there is one, hold something else, too; before the start."""
        if self._memory:
            self._memory.add(name, kept)

    async def start(self) -> None:
        """Load the service models and start moving endpoints; `handle` does it too, a second time changes nothing.

        Raises:
            ForeignMemoryError: the memory is not one of this service.
        """
        async with self._starting:
            if self._moving is None:
                await asyncio.to_thread(shapes.load)
                if self._memory:
                    await asyncio.to_thread(self._memory.recall)
                    self._driver.revive()
                    self._runtime.queues.resume()
                    self._memory.start()
                self._moving = asyncio.create_task(self._driver.run())

    async def revived(self) -> None:
        """Wait until every endpoint that was remembered serves, or cannot, for some seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REVIVAL_SECONDS):
                while self._driver.reviving:
                    await asyncio.sleep(_LOOK_SECONDS)

    async def close(self) -> None:
        """Stop moving endpoints and end every container."""
        try:
            if self._moving:
                self._moving.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._moving
        finally:
            if self._memory:
                await self._memory.close()
            await self._driver.close()
            await self._runtime.close()
            await self._launcher.close()

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> Answer:
        """Answer a request.

        Returns:
            HTTP status, headers, body; the body of a stream comes in parts.
        """
        if self._moving is None:
            await self.start()
        elif self._moving.done():
            await self._moving
        lowered = {name.lower(): value for name, value in headers.items()}
        invoked = rest.target_of(path)
        if path in (fault_door.PATH, rules_door.PATH):
            answer = self._answer_door(method, path, body, query)
        elif invoked is not None and method == "POST":
            answer = await self._runtime.answer(*invoked, lowered, body, partial(self._authorise, status=403))
        else:
            answer = await self._answer_operation(lowered, body)
            self._touch()
        self._driver.announce()
        answer[1]["x-amzn-RequestId"] = str(uuid.uuid4())
        return answer

    async def ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out an operation for another service of the cloud, whose role may do it.

        Raises:
            ServiceError: it is refused, or a fault strikes it.
        """
        result = await self.around(operation, request, lambda: self._perform(operation, request))
        self._driver.announce()
        self._touch()
        return result

    def _touch(self) -> None:
        if self._memory:
            self._memory.touch()

    def _answer_door(self, method: str, path: str, body: bytes, query: Mapping[str, list[str]]) -> Answer:
        if path == rules_door.PATH:
            status, content = rules_door.answer(self.state, method, body)
        else:
            status, content = fault_door.answer(self.faults, method, body, query)
        self._driver.wake()
        return status, {"Content-Type": "application/json"}, content

    async def _answer_operation(self, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            operation = aws_json.operation_of(headers)
            request = aws_json.parse(operation, body)
            self._authorise(operation, request, headers, 400)
            result = await self._saboteur.around(operation, request, lambda: self._perform(operation, request))
            return 200, {"Content-Type": aws_json.CONTENT_TYPE}, aws_json.serialise(operation, result)
        except ServiceError as error:
            headers = {"Content-Type": aws_json.CONTENT_TYPE, "x-amzn-ErrorType": error.code}
            return error.status, headers, aws_json.serialise_error(error)

    def _authorise(self, operation: str, request: dict[str, Any], headers: Mapping[str, str], status: int) -> None:
        if self._judge:
            wanted = needed(operation, request, self.state.place, targets_of(self.state, request), self.state.tags)
            refuse_unless_allowed(self._judge, headers, wanted, status)

    async def _perform(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        old = self._saboteur.stale(operation, request)
        if old is not None:
            return old
        await admit(self.state, self._surroundings, operation, request)
        return perform(self.state, operation, request)

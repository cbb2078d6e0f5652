"""The hosting service: what a request of boto3 reaches, and the task that moves endpoints."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker import fault_door, runtime_wire, shapes, wire
from drydock.sagemaker.checks import check_model, model_data_url
from drydock.sagemaker.driver import Driver
from drydock.sagemaker.errors import ServiceError, no_model_data, no_role
from drydock.sagemaker.faults import FaultPlan
from drydock.sagemaker.invocation import TIMEOUT_SECONDS, Invoker
from drydock.sagemaker.operations import perform
from drydock.sagemaker.place import ACCOUNT, REGION, Place, Tempo, split_s3
from drydock.sagemaker.planning import container_of
from drydock.sagemaker.sabotage import Saboteur
from drydock.sagemaker.state import MODEL, State
from drydock.sagemaker.surroundings import Launcher, Now, Surroundings

Answer = tuple[int, dict[str, str], bytes]


class HostingService:
    """SageMaker hosting, control plane and runtime, behind one handler; belongs to the event loop that starts it.

    Args:
        launcher: starts containers; closed with the service.
        surroundings: the rest of the cloud.
        scale: how many of SageMaker's seconds pass in a real one.
        provisioning_seconds: SageMaker's seconds that bringing up a fleet takes at least.
        shortest_startup: real seconds that a container always has until /ping must answer, whatever the scale.
        invocation_timeout: real seconds that a model has for its answer.
        now: the clock, seconds since the epoch.
        faults: what shall go wrong; also set over HTTP under /_drydock/faults.
        account: twelve digits.
        region: a region's name.
    """

    def __init__(
        self,
        launcher: Launcher,
        surroundings: Surroundings,
        *,
        scale: float = 1.0,
        provisioning_seconds: float = 0.0,
        shortest_startup: float = 2.0,
        invocation_timeout: float = TIMEOUT_SECONDS,
        now: Now = time.time,
        faults: FaultPlan | None = None,
        account: str = ACCOUNT,
        region: str = REGION,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.state = State(Place(account, region), now, Tempo(scale, provisioning_seconds, shortest_startup))
        self._launcher = launcher
        self._surroundings = surroundings
        self._driver = Driver(self.state, launcher, surroundings, self.faults)
        self._invoker = Invoker(self.state, self._driver, surroundings, invocation_timeout)
        self._saboteur = Saboteur(self.faults, self.state)
        self._starting = asyncio.Lock()
        self._moving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the service models and start moving endpoints; `handle` does it too, a second time changes nothing."""
        async with self._starting:
            if self._moving is None:
                await asyncio.to_thread(shapes.load)
                self._moving = asyncio.create_task(self._driver.run())

    async def close(self) -> None:
        """Stop moving endpoints and end every container."""
        try:
            if self._moving:
                self._moving.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._moving
        finally:
            await self._driver.close()
            await self._launcher.close()

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> Answer:
        """Answer a request.

        Returns:
            HTTP status, headers, body.
        """
        if self._moving is None:
            await self.start()
        elif self._moving.done():
            await self._moving
        lowered = {name.lower(): value for name, value in headers.items()}
        endpoint = runtime_wire.endpoint_of(path)
        if path == fault_door.PATH:
            status, content = fault_door.answer(self.faults, method, body, query)
            answer: Answer = (status, {"Content-Type": "application/json"}, content)
        elif endpoint is not None and method == "POST":
            answer = await self._answer_invocation(endpoint, lowered, body)
        else:
            answer = await self._answer_operation(lowered, body)
        self._driver.announce()
        answer[1]["x-amzn-RequestId"] = str(uuid.uuid4())
        return answer

    async def _answer_operation(self, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            operation = wire.operation_of(headers)
            request = wire.parse(operation, body)
            result = await self._saboteur.around(operation, request, lambda: self._perform(operation, request))
            return 200, {"Content-Type": wire.CONTENT_TYPE}, wire.serialise(operation, result)
        except ServiceError as error:
            headers = {"Content-Type": wire.CONTENT_TYPE, "x-amzn-ErrorType": error.code}
            return error.status, headers, wire.serialise_error(error)

    async def _perform(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        old = self._saboteur.stale(operation, request)
        if old is not None:
            return old
        if operation == "CreateModel":
            await self._admit_model(request)
        return perform(self.state, operation, request)

    async def _admit_model(self, request: dict[str, Any]) -> None:
        """Check what CreateModel checks outside of SageMaker: the role and the model data."""
        check_model(request)
        self.state.new_arn(MODEL, request["ModelName"], self.state.models)
        role = request.get("ExecutionRoleArn")
        if role and not self._surroundings.has_role(role):
            raise no_role(role)
        url = model_data_url(container_of(request))
        if url and not await self._surroundings.has_object(*split_s3(url)):
            raise no_model_data(url)

    async def _answer_invocation(self, endpoint: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            request = runtime_wire.parse(endpoint, headers, body)
            answered = await self._saboteur.around("InvokeEndpoint", request, lambda: self._invoker.invoke(request))
            return 200, *answered
        except ServiceError as error:
            return error.status, *runtime_wire.error_answer(error)

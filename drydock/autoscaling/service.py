"""Application Auto Scaling: what a request of boto3 reaches, and the task that scales."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from drydock.autoscaling.desk import Desk
from drydock.autoscaling.model import Book
from drydock.autoscaling.operations import OPERATIONS
from drydock.autoscaling.permissions import refuse_unless_permitted
from drydock.autoscaling.scaler import Scaler
from drydock.autoscaling.surroundings import Fleets, Surroundings
from drydock.sagemaker.errors import ServiceError, unknown_operation
from drydock.sagemaker.operations.permissions import Judge
from drydock.sagemaker.place import Place, Tempo
from drydock.sagemaker.surroundings import Now
from drydock.sagemaker.wire import aws_json, shapes

TARGET_PREFIX = "AnyScaleFrontendService."
Answer = tuple[int, dict[str, str], bytes]
Around = Callable[[str, dict[str, Any], Callable[[], Awaitable[dict[str, Any]]]], Awaitable[dict[str, Any]]]


async def _as_it_is(_: str, __: dict[str, Any], act: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    return await act()


class AutoScalingService:
    """Application Auto Scaling for the variants of one hosting service; belongs to the event loop that starts it.

    Args:
        fleets: what is scaled.
        cloud: CloudWatch and EventBridge.
        tempo: how fast AWS's time passes.
        place: account and region.
        now: the clock, seconds since the epoch.
        judge: says whether the caller of a request may do something; None where everybody may.
        around: what stands around each operation: the faults planned for the hosting service strike here too.
    """

    def __init__(
        self,
        fleets: Fleets,
        cloud: Surroundings,
        *,
        tempo: Tempo | None = None,
        place: Place | None = None,
        now: Now = time.time,
        judge: Judge | None = None,
        around: Around = _as_it_is,
    ) -> None:
        self.desk = Desk(Book(place or Place()), fleets, cloud, now)
        self.scaler = Scaler(self.desk, tempo or Tempo())
        self._judge = judge
        self._around = around
        self._scaling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the service model and start scaling."""
        await asyncio.to_thread(shapes.load)
        self._scaling = asyncio.create_task(self.scaler.run())

    async def close(self) -> None:
        """Stop scaling."""
        if self._scaling:
            self._scaling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._scaling

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> Answer:
        """Answer a request.

        Returns:
            HTTP status, headers, body.
        """
        del method, path, query
        if self._scaling and self._scaling.done():
            await self._scaling
        lowered = {name.lower(): value for name, value in headers.items()}
        about = {"Content-Type": aws_json.CONTENT_TYPE, "x-amzn-RequestId": str(uuid.uuid4())}
        try:
            operation = aws_json.operation_of(lowered, shapes.SCALING)
            result = await self._answer(operation, lowered, body)
            return 200, about, aws_json.serialise(operation, result, shapes.SCALING)
        except ServiceError as error:
            return error.status, {**about, "x-amzn-ErrorType": error.code}, aws_json.serialise_error(error)

    async def _answer(self, operation: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        request = aws_json.parse(operation, body, shapes.SCALING)
        perform = OPERATIONS.get(operation)
        if perform is None:
            raise unknown_operation(f"{TARGET_PREFIX}{operation} (Drydock does not offer it)")
        self.desk.forget_orphans()
        if self._judge:
            refuse_unless_permitted(self._judge, headers, operation, request, self.desk.book)

        async def act() -> dict[str, Any]:
            return perform(self.desk, request)

        return await self._around(operation, request, act)

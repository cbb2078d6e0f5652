"""Lets planned faults strike the calls of operations."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.faults import Fault, FaultKind, FaultPlan
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations.endpoints import update_endpoint
from drydock.sagemaker.operations.stale import StaleReads

T = TypeVar("T")

_NAMES = ("EndpointName", "EndpointConfigName", "ModelName")


class Saboteur:
    """Stands between a request and its operation.

    Args:
        plan: what shall go wrong.
        state: what a foreign writer writes to.
    """

    def __init__(self, plan: FaultPlan, state: State) -> None:
        self._plan = plan
        self._state = state
        self._stale = StaleReads(state)

    async def around(self, operation: str, request: dict[str, Any], act: Callable[[], Awaitable[T]]) -> T:
        """Carry out an operation as the plan wants it.

        Raises:
            ServiceError: of the operation, or of a fault.
        """
        faults = self._plan.strike_call(operation, _resource(operation, request))
        for fault in faults:
            await self._strike_before(fault, operation, request)
        result = await act()
        if any(fault.kind is FaultKind.LOSE_RESPONSE for fault in faults):
            raise ServiceError("InternalFailure", "The response was lost.", 500)
        return result

    def stale(self, operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """Give an answer from the past, where one is planned.

        Raises:
            ServiceError: what the request names does not seem to exist yet.
        """
        return self._stale.read(operation, request)

    async def _strike_before(self, fault: Fault, operation: str, request: dict[str, Any]) -> None:
        match fault.kind:
            case FaultKind.THROTTLE:
                raise ServiceError("ThrottlingException", "Rate exceeded", 400)
            case FaultKind.ERROR:
                raise ServiceError(fault.code, fault.message, fault.status)
            case FaultKind.DELAY:
                await asyncio.sleep(fault.seconds)
            case FaultKind.STALE_READ:
                self._stale.keep(operation, request, fault.seconds)
            case FaultKind.FOREIGN_WRITER:
                name = fault.endpoint or request.get("EndpointName", "")
                with contextlib.suppress(ServiceError):
                    update_endpoint(self._state, {"EndpointName": name, "EndpointConfigName": fault.config})


def _resource(operation: str, request: dict[str, Any]) -> str:
    """Name what an operation is about: the endpoint of one, the configuration or the model of another."""
    if "EndpointConfig" in operation:
        return str(request.get("EndpointConfigName", ""))
    return next((str(request[name]) for name in _NAMES if name in request), "")

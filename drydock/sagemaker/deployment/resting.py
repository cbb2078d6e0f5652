"""What happens to an endpoint at rest: AWS's maintenance, an outage, a FailureReason that vanishes; pure."""

from drydock.sagemaker.deployment.transitions import become
from drydock.sagemaker.faults import FaultKind, FaultPlan
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.memory.statuses import Status

_STATUSES = {FaultKind.SYSTEM_UPDATE: Status.SYSTEM_UPDATING, FaultKind.OUT_OF_SERVICE: Status.OUT_OF_SERVICE}


def rest(state: State, endpoint: Endpoint, faults: FaultPlan) -> None:
    """Let what is planned for an endpoint without a deployment begin, and end.

    Args:
        state: clock and outbox.
        endpoint: changed in place.
        faults: the plan.
    """
    if endpoint.reason_until is not None and state.now() >= endpoint.reason_until:
        endpoint.failure_reason, endpoint.reason_until = "", None
    if endpoint.status not in (Status.IN_SERVICE, *_STATUSES.values()):
        return
    kinds = faults.standing(endpoint.name, state.now())
    wanted = next((status for kind, status in _STATUSES.items() if kind in kinds), Status.IN_SERVICE)
    if wanted is endpoint.status:
        return
    if Status.IN_SERVICE not in (wanted, endpoint.status):
        wanted = Status.IN_SERVICE
    become(state, endpoint, wanted, endpoint.failure_reason)


def is_restless(endpoint: Endpoint) -> bool:
    """Whether `rest` may have something to end."""
    return endpoint.reason_until is not None or endpoint.status in _STATUSES.values()

"""How to get back: what Roll Back the Release does about the endpoint that it finds. Pure; needs no artifact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.release.verdicts import Answer
from slipway.rollout.endpoint_state import failure_reason

Described = Mapping[str, Any]


@dataclass(frozen=True)
class Undoing:
    """What to do: `answer` STARTED with an action, or why nothing is done."""

    answer: Answer
    reason: str
    action: str = ""
    """'update' back to `config`, 'remove' the endpoint, or nothing: what is wanted is under way already."""
    config: str = ""


def undo(described: Described | None, ours: str, back_to: str, *, asked: bool = False) -> Undoing:
    """Decide the way back.

    Args:
        described: the answer of DescribeEndpoint, None when there is no endpoint.
        ours: the config that this release put, or wanted to put, on the endpoint.
        back_to: the config that served before; empty when this release made the endpoint.
        asked: whether a human asked for it: then an endpoint of old and new instances is updated too.
    """
    if described is None:
        return _absent(back_to)
    status, config = described["EndpointStatus"], described.get("EndpointConfigName", "")
    pending = (described.get("PendingDeploymentSummary") or {}).get("EndpointConfigName", "")
    if status in ("Updating", "RollingBack") and pending in (ours, ""):
        return Undoing(Answer.IN_DEPLOYMENT, "the deployment still runs and can be vetoed")
    if back_to and status == "Updating" and pending == back_to:
        return Undoing(Answer.STARTED, f"the endpoint is on its way back to {back_to} already", "", back_to)
    if config not in (ours, back_to) or pending not in (ours, back_to, ""):
        return Undoing(
            Answer.IMPOSSIBLE, f"the endpoint has the config {pending or config}, which is not this release's"
        )
    if not back_to:
        return _remove(status)
    if status == "InService" and config == back_to:
        return Undoing(Answer.NOTHING_TO_UNDO, "what served before serves")
    if status == "InService" or (asked and status == "UpdateRollbackFailed"):
        return Undoing(Answer.STARTED, f"the endpoint is updated back to {back_to}", "update", back_to)
    if status == "SystemUpdating":
        return Undoing(Answer.IN_DEPLOYMENT, "SageMaker maintains the endpoint; it is waited for")
    return Undoing(Answer.IMPOSSIBLE, f"the endpoint is {status} ({failure_reason(described)}) and cannot be updated")


def _absent(back_to: str) -> Undoing:
    if back_to:
        return Undoing(Answer.IMPOSSIBLE, "the endpoint is gone; somebody deleted it")
    return Undoing(Answer.NOTHING_TO_UNDO, "there is no endpoint")


def _remove(status: str) -> Undoing:
    if status in ("Creating", "SystemUpdating"):
        return Undoing(
            Answer.IN_DEPLOYMENT, f"the endpoint is still {status}, which is waited for before it is deleted"
        )
    if status == "Deleting":
        return Undoing(Answer.STARTED, "the endpoint is being deleted already")
    return Undoing(Answer.STARTED, "the endpoint that this release made is removed", "remove")

"""What an event of SageMaker tells a release that waits: most of a deployment's events are no reason to look.

Events are hints: their statuses are UPPER_SNAKE, they come twice, in another order, or not at all, and any field may
be missing (Amazon SageMaker developer guide, Automating SageMaker with EventBridge). Nothing is judged by them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from slipway.rollout.endpoint_state import bakes, has_all_traffic

ON_THE_WAY = ("CREATING", "UPDATING", "SYSTEM_UPDATING", "ROLLING_BACK")


class Heard(StrEnum):
    """What a wait is told by the one who wakes it."""

    CHANGE = ""
    """Something that only a look can tell."""
    PART = "part"
    """The new fleet bakes with a part of the traffic: where that is known, it is probed and not looked at."""


def hear(detail: Mapping[str, Any], ours: str) -> Heard | None:
    """Say what an endpoint's event tells a release; None where what it waits for cannot have come.

    Args:
        detail: of an endpoint or deployment state change.
        ours: the config that the release puts on the endpoint.
    """
    if str(detail.get("EndpointStatus", "")).upper() not in ON_THE_WAY:
        return Heard.CHANGE
    pending = detail.get("PendingDeploymentSummary") or {}
    if pending and pending.get("EndpointConfigName") != ours:
        return Heard.CHANGE
    if not pending and detail.get("EndpointStatus") == "UPDATING" and detail.get("EndpointConfigName") == ours:
        return Heard.CHANGE  # somebody changes what serves already
    if not bakes(pending):
        return None
    return Heard.CHANGE if has_all_traffic(pending) else Heard.PART

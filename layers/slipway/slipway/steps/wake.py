"""Wake: an endpoint, deployment or alarm changed; let those who wait for it look. It signals, it never judges."""

from collections.abc import Mapping
from typing import Any

from slipway.steps.wait_for_turn import wake as let_look
from slipway.steps.work import Tools


def wake(event: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Signal every release that waits for what the event tells of; returns whom and how many waits."""
    detail = event.get("detail") or {}
    releases = _concerned(detail, tools)
    signalled = sum(let_look(tools.executions, tools.ledger, release) for release in releases)
    return {"releases": releases, "signalled": signalled}


def _concerned(detail: Mapping[str, Any], tools: Tools) -> list[str]:
    if "alarmName" in detail:
        return tools.ledger.listeners(detail["alarmName"])
    turn = tools.ledger.turn(detail["EndpointName"]) if "EndpointName" in detail else None
    return [turn.holder] if turn is not None and turn.holder else []

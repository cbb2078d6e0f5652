"""Wake: an endpoint, deployment or alarm changed; let those who wait for it look. It signals, it never judges."""

from collections.abc import Mapping
from typing import Any

from slipway.release.naming import config_name
from slipway.rollout.hearing import Heard, hear
from slipway.steps.wait_for_turn import wake as let_look
from slipway.steps.work import Tools


def wake(event: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Signal every release that waits for what the event tells of; returns whom and how many waits."""
    detail = event.get("detail") or {}
    concerned = _concerned(detail, tools)
    signalled = sum(let_look(tools.executions, tools.ledger, release, heard) for release, heard in concerned.items())
    return {"releases": list(concerned), "signalled": signalled}


def _concerned(detail: Mapping[str, Any], tools: Tools) -> dict[str, Heard]:
    """Give the releases that have to look, and what each is told."""
    if "alarmName" in detail:
        return dict.fromkeys(tools.ledger.listeners(detail["alarmName"]), Heard.CHANGE)
    turn = tools.ledger.turn(detail["EndpointName"]) if "EndpointName" in detail else None
    if turn is None or not turn.holder:
        return {}
    heard = hear(detail, config_name(turn.endpoint, turn.holder))
    return {} if heard is None else {turn.holder: heard}

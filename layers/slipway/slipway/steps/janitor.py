"""Janitor: takes up releases that died or were given up, drops that no execution saw, deletes what nobody needs."""

from collections.abc import Mapping
from typing import Any

from slipway.steps.abandoned import take_back
from slipway.steps.finding import find_lost_drops
from slipway.steps.recovering import is_dead, recover
from slipway.steps.retiring import retire
from slipway.steps.sweeping import sweep
from slipway.steps.work import Tools


def keep_house(event: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Do what the event asks for: two schedules say what they want, everything else looks for the dead."""
    match event.get("task"):
        case "retire":
            return {**retire(tools), "swept": sweep(tools), "taken_back": take_back(tools)}
        case "find":
            return {"found": find_lost_drops(tools)}
    return recover_the_dead(tools)


def recover_the_dead(tools: Tools) -> dict[str, Any]:
    """Start one recover execution for every death."""
    dead = [release for release in tools.ledger.open_releases() if is_dead(tools.executions, release)]
    started = [release.id for release in dead if recover(tools.executions, release)]
    return {"dead": [release.id for release in dead], "started": started}

"""Janitor: starts an execution for every release whose own one died, and now and then deletes what nobody needs."""

from collections.abc import Mapping
from typing import Any

from slipway.steps.recovering import is_dead, recover
from slipway.steps.retiring import retire
from slipway.steps.sweeping import sweep
from slipway.steps.work import Tools


def keep_house(event: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """Do what the event asks for: the schedule of retention says so, everything else looks for the dead."""
    if event.get("task") == "retire":
        return {**retire(tools), "swept": sweep(tools)}
    return recover_the_dead(tools)


def recover_the_dead(tools: Tools) -> dict[str, Any]:
    """Start one recover execution for every death."""
    dead = [release for release in tools.ledger.open_releases() if is_dead(tools.executions, release)]
    started = [release.id for release in dead if recover(tools.executions, release)]
    return {"dead": [release.id for release in dead], "started": started}

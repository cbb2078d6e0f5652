"""Janitor: finds releases whose execution died before it closed them, and starts an execution that recovers each."""

from typing import Any

from slipway.exchanges import Life
from slipway.release.naming import recover_execution_name
from slipway.release.release import Release
from slipway.steps.work import Tools


def recover_the_dead(tools: Tools) -> dict[str, Any]:
    """Start one recover execution for every death; the same death is recovered once, by deterministic name."""
    dead = [release for release in tools.ledger.open_releases() if _is_dead(release, tools)]
    return {"dead": [release.id for release in dead], "started": [r.id for r in dead if _recover(r, tools)]}


def _is_dead(release: Release, tools: Tools) -> bool:
    return tools.executions.life(release.execution) is Life.ENDED


def _recover(release: Release, tools: Tools) -> bool:
    name = recover_execution_name(release.id, release.execution)
    detail = {"kind": "recover", "release": release.id}
    return tools.executions.start(
        name, {"source": "slipway.releases", "detail-type": "Release Requested", "detail": detail}
    )

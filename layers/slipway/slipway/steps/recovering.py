"""How a release is recovered whose execution died: another execution is started that acts in its name."""

from slipway.exchanges import Life
from slipway.ports import Executions
from slipway.release.naming import recover_execution_name
from slipway.release.release import Release

TRIES = 10
"""How many recoveries of one death may themselves die before they have taken the release over."""


def is_dead(executions: Executions, release: Release) -> bool:
    """Ask Step Functions, since the event of an execution's end is best effort."""
    return executions.life(release.execution) is Life.ENDED


def recover(executions: Executions, release: Release) -> bool:
    """Start the execution that recovers a dead one; by deterministic name, so that of many who see a death one does.

    A name that was used up belongs to a recovery that died too early; the next name follows from it.

    Returns:
        Whether it was started, or runs already.
    """
    detail = {"kind": "recover", "release": release.id}
    event = {"source": "slipway.releases", "detail-type": "Release Requested", "detail": detail}
    dead = release.execution
    for _ in range(TRIES):
        name = recover_execution_name(release.id, dead)
        if executions.start(name, event):
            return True
        dead = name
    return False

"""The fence: what changes an endpoint, or says what is live on it, is done by whoever has the turn now."""

from slipway.errors import LedgerConflictError
from slipway.release.phases import Phase
from slipway.steps.work import Work

TRIES = 20
"""How often the turn is written back while newcomers change who waits behind it."""


def hold_the_fence(work: Work) -> None:
    """Write the turn back unchanged: a dead execution of the same release may still run, and must change nothing.

    Raises:
        LedgerConflictError: the turn has passed to somebody else meanwhile.
    """
    ledger, release = work.tools.ledger, work.release
    mine = (release.id, work.request.execution, release.fact(Phase.WAIT_FOR_TURN, "fence"))
    for _ in range(TRIES):
        turn = ledger.turn(release.endpoint)
        if turn is None or (turn.holder, turn.execution, turn.fence) != mine:
            break
        if ledger.change_turn(turn, turn):
            return
    raise LedgerConflictError(f"the turn of {release.endpoint} is no longer with {release.id}")

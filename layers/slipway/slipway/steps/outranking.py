"""What an operator's rollback means for the release that is under way: it is stopped, and is no step back."""

from dataclasses import dataclass
from datetime import datetime

from slipway.intake.requests import Requested
from slipway.ledger import Ledger
from slipway.release.release import Kind, Live, Release
from slipway.release.verdicts import Outcome
from slipway.steps.past import one_before
from slipway.steps.wait_for_turn import wake
from slipway.steps.work import Work

TOUCHED_IN_VAIN = (Outcome.ROLLED_BACK, Outcome.NEEDS_HUMAN)


@dataclass(frozen=True)
class Meant:
    """What a rollback goes back to, and which release it stops on its way."""

    to: str
    stops: str = ""


def meant(work: Work, asked: Requested) -> Meant:
    """Say what somebody who asks for a rollback now wants back.

    What is not live yet is not what they want to go back from: without a goal, the goal is what is live beneath it.
    A rollback that is under way has taken the step back already, and a second request for it takes no other one.
    """
    ledger = work.tools.ledger
    live = ledger.live(asked.endpoint)
    coming = _under_way(ledger, asked, live)
    stops = coming.id if coming is not None and coming.kind is Kind.RELEASE and coming.outcome is None else ""
    if asked.to or live is None:
        return Meant(asked.to, stops)
    if coming is None:
        return Meant(one_before(ledger, live))
    if coming.kind is Kind.ROLLBACK:
        return Meant(coming.to or one_before(ledger, live))
    return Meant(live.release, stops)


def stop(work: Work, stops: str, by: str) -> None:
    """Let the release under way go back at its next look."""
    work.tools.ledger.abort(stops, by)
    wake(work.tools.executions, work.tools.ledger, stops)


def _under_way(ledger: Ledger, asked: Requested, live: Live | None) -> Release | None:
    """Find what has the turn, unless it is live, never touched the endpoint, or came after the request."""
    turn = ledger.turn(asked.endpoint)
    coming = ledger.release(turn.holder) if turn is not None and turn.holder else None
    if coming is None or _came_later(coming, asked) or (live is not None and live.release == coming.id):
        return None
    is_over = coming.outcome is not None and coming.outcome not in TOUCHED_IN_VAIN
    return None if coming.kind is Kind.RELEASE and is_over else coming


def _came_later(coming: Release, asked: Requested) -> bool:
    """Whether who asked cannot have known of the release; EventBridge tells the time by whole seconds."""
    if not asked.at:
        return False
    return datetime.fromisoformat(coming.requested_at).replace(microsecond=0) > datetime.fromisoformat(asked.at)

"""Wait for a Turn: one release changes an endpoint at a time; the newest waits, older ones are superseded."""

from slipway.ledger import Ledger
from slipway.ports import Executions
from slipway.release.phases import Phase
from slipway.release.release import Kind, Release, Turn, is_closed, waits_at
from slipway.release.verdicts import SCHEMA, Answer, Finding, Verdict, refused
from slipway.rollout.turns import Contention, Standing, contend, hand_on
from slipway.steps.busy import await_calm, is_sent_back
from slipway.steps.recovering import is_dead, recover
from slipway.steps.work import Work

TRIES = 20
"""How often a turn that others keep changing is read again."""


def wait_for_turn(work: Work) -> Verdict | None:
    """Answer OURS, SUPERSEDED or REFUSED; None while another release holds the turn, or the endpoint is busy."""
    work.arm()
    if work.release.aborted_by:  # its close gives its place up
        return refused(Finding("ABORTED", f"It was aborted by {work.release.aborted_by}.", "Drop again to release it."))
    contention = _contend(work)
    match contention.standing:
        case Standing.WAITING:
            _look_after_holder(work)
            return None
        case Standing.SUPERSEDED:
            return Verdict(Answer.SUPERSEDED, contention.reason)
        case Standing.OURS:
            return _ours(work)


def wake(executions: Executions, ledger: Ledger, release: str, heard: str = "") -> int:
    """Let every waiting phase of a release look again, and tell it what was heard; returns how many did."""
    look = {"schema": SCHEMA, "answer": Answer.LOOK.value, "reason": "something happened", "heard": heard}
    return sum(executions.signal(token, look) for token in ledger.tokens(release))


def _contend(work: Work) -> Contention:
    ledger, release = work.tools.ledger, work.release
    for _ in range(TRIES):
        turn = ledger.turn(release.endpoint)
        contention = contend(turn, release, _has_waited(release))
        if contention.turn is None or ledger.change_turn(turn, contention.turn):
            if contention.standing is Standing.WAITING:
                work.intend(waited=True)
            if contention.displaced:
                wake(work.tools.executions, ledger, contention.displaced)
            return contention
    return Contention(Standing.WAITING)


def _has_waited(release: Release) -> bool:
    """Whether it stood as next and was not given the turn since: a recovery of one that held it starts afresh."""
    waited = bool(release.intent(Phase.WAIT_FOR_TURN, "waited"))
    return waited and release.fact(Phase.WAIT_FOR_TURN, "fence") is None


def _look_after_holder(work: Work) -> None:
    """Have the holder recovered if its execution died, for no event may tell; one that waits itself gives way."""
    ledger, executions = work.tools.ledger, work.tools.executions
    turn = ledger.turn(work.release.endpoint)
    if turn is None or turn.holder in ("", work.release.id):
        return
    holder = ledger.release(turn.holder)
    if is_dead(executions, holder) and is_closed(holder):
        _take_over(work, turn)
    elif is_dead(executions, holder):
        recover(executions, holder)
    elif waits_at(holder) is Phase.WAIT_FOR_APPROVAL or _gives_way(holder, turn):
        wake(executions, ledger, holder.id)


def _gives_way(holder: Release, turn: Turn) -> bool:
    """Whether it only waits for its endpoint. A way back gives way to nobody, and a signal would but begin its round,
    by which its patience is counted, anew."""
    return holder.kind is Kind.RELEASE and is_sent_back(holder, turn.execution)


def _take_over(work: Work, turn: Turn) -> None:
    """Hand on the turn of a release that is over and will not do so itself, and look again."""
    after = hand_on(turn)
    if work.tools.ledger.change_turn(turn, after):
        wake(work.tools.executions, work.tools.ledger, after.holder)


def _ours(work: Work) -> Verdict | None:
    ledger, release = work.tools.ledger, work.release
    turn = ledger.turn(release.endpoint)
    newer = _newer_live(ledger, release)
    if newer:
        return Verdict(Answer.SUPERSEDED, f"the newer release {newer} is live already")
    facts = {"fence": turn.fence if turn else 0}
    if turn is not None and is_sent_back(release, work.request.execution):
        return await_calm(work, turn, facts)
    return Verdict(Answer.OURS, facts=facts)


def _newer_live(ledger: Ledger, release: Release) -> str:
    """Name the live release if its drop is newer than this one, which only a late event can bring about."""
    live = ledger.live(release.endpoint)
    if live is None or release.kind is Kind.ROLLBACK or live.release == release.id:
        return ""
    return live.release if ledger.release(live.release).order > release.order else ""

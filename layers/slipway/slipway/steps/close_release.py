"""Close the Release: always, once or again, in this order: outcome, leftovers, turn, report, announcement."""

import json
from collections.abc import Callable

from slipway.errors import LedgerConflictError, NotAnnouncedError, ReleaseNotFoundError
from slipway.exchanges import Announcement
from slipway.record.announcements import WORDS, detail, subject, text
from slipway.record.news import identify
from slipway.record.report_page import page
from slipway.release.ending import decide, was_touched
from slipway.release.naming import report_key
from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, ObjectRef, PhaseRecord, Release
from slipway.release.verdicts import Answer, Finding, Outcome, Verdict
from slipway.rollout.turns import leave
from slipway.steps.container_lines import read_the_rest
from slipway.steps.promote_release import live_of
from slipway.steps.tidy import remove_alarms, remove_leftovers
from slipway.steps.wait_for_turn import TRIES, wake
from slipway.steps.work import Work
from slipway.telemetry import untold

UNREAD = "the request could not even be read"


def close_release(work: Work) -> Verdict:
    """Answer CLOSED with the outcome and the reason."""
    if not work.request.release:
        return _close_unread(work)
    ledger, release = work.tools.ledger, work.release
    live = ledger.live(release.endpoint)
    is_live = release.kind is Kind.RELEASE and live is not None and live.release == release.id
    outcome, reason = decide(release, is_live, work.request.trouble)
    settled = ledger.settle(release, outcome, reason)
    outcome, reason = settled.outcome or outcome, settled.reason
    if outcome is Outcome.ROLLED_BACK and live is not None:
        _point_back(work, live)
    ledger.forget_tokens(release)
    found = remove_alarms(work)
    _note(work, found)
    remove_leftovers(work, outcome)
    ledger.remember(release, outcome, reason)
    _hand_on_turn(work, release)
    read_the_rest(work)
    _try(_report, work, outcome, reason)
    ledger.finish(settled)
    _try(_announce, work, outcome, reason)
    route = {"outcome": outcome.value}
    return Verdict(Answer.CLOSED, reason, tuple(found), facts=route, route=route)


def _note(work: Work, found: list[Finding]) -> None:
    """Write down what the close itself found, for what is told of the release; it says nothing of the outcome."""
    if found:
        began = PhaseRecord(work.phase, None, findings=tuple(found), started_at=work.began)
        work.tools.ledger.write(work.release, began)


def _close_unread(work: Work) -> Verdict:
    """End an execution whose first step crashed before it could open a release; there is nothing to undo."""
    open_here = [r for r in work.tools.ledger.open_releases() if r.execution == work.request.execution]
    if open_here:
        raise ReleaseNotFoundError(f"release {open_here[0].id} was opened but not handed over; recover it")
    reason = f"{UNREAD}: {work.request.trouble}"
    _try(_announce_unread, work, Outcome.NEEDS_HUMAN, reason)
    return Verdict(Answer.CLOSED, reason, route={"outcome": Outcome.NEEDS_HUMAN.value})


def _announce_unread(work: Work, outcome: Outcome, reason: str) -> None:
    """Tell of a request that became no release: nothing else remembers it but its execution."""
    execution = work.request.execution
    next_step = f"aws stepfunctions describe-execution --execution-arn {execution} shows the request; drop it again"
    detail_type = f"Release {outcome.value.replace('_', ' ').title()}"
    told = {"execution": execution, "outcome": outcome.value, "reason": reason, "next": next_step}
    lines = [f"A request {WORDS[outcome]}: {UNREAD}.", "", f"Reason: {reason}", "", f"Next: {next_step}"]
    subject_line = f"A release {WORDS[outcome]}: {UNREAD}"
    work.tools.announcer.announce(Announcement(detail_type, subject_line, "\n".join(lines), told))


def _point_back(work: Work, live: Live) -> None:
    """Let the live pointer follow an endpoint that went back on request, or past what somebody deleted; a second close
    finds it moved."""
    ledger, release = work.tools.ledger, work.release
    to = release.intent(Phase.ROLL_BACK_RELEASE, "to")
    if not to or live.release == to:
        return
    after = live_of(ledger.release(to), None, ledger.now())
    if not ledger.move_live(live, after):
        raise LedgerConflictError(f"the live pointer of {release.endpoint} was moved by somebody else")


def _hand_on_turn(work: Work, release: Release) -> None:
    """Give the turn to the one that waits, and let it look; a place of one's own in the queue is given up, too."""
    ledger = work.tools.ledger
    for _ in range(TRIES):
        turn = ledger.turn(release.endpoint)
        after = leave(turn, release.id) if turn else None
        if turn is None or after is None:
            return
        if ledger.change_turn(turn, after):
            if after.holder not in ("", turn.holder):
                wake(work.tools.executions, ledger, after.holder)
            return
    raise LedgerConflictError(f"the turn of {release.endpoint} could not be handed on: others keep changing it")


def _try(tell: Callable[[Work, Outcome, str], None], work: Work, outcome: Outcome, reason: str) -> None:
    """Report or announce; that nobody could be told changes no outcome."""
    try:
        tell(work, outcome, reason)
    except NotAnnouncedError as error:
        untold(work.request.state, str(error))


def _report(work: Work, outcome: Outcome, reason: str) -> None:
    release = work.release
    told = json.dumps({**detail(release, outcome, reason), "touched": was_touched(release)}, indent=2)
    _write(work, "json", told, "application/json")
    _write(work, "html", page(release, outcome, reason, work.tools.clock.now()), "text/html; charset=utf-8")


def _write(work: Work, suffix: str, text: str, content_type: str) -> None:
    key = report_key(work.release.endpoint, work.release.id, suffix)
    work.tools.artifacts.write(ObjectRef(work.tools.settings.artifact_bucket, key), text.encode(), content_type)


def _announce(work: Work, outcome: Outcome, reason: str) -> None:
    release = work.release
    told = Announcement(
        detail_type=f"Release {outcome.value.replace('_', ' ').title()}",
        subject=subject(release, outcome),
        text=text(release, outcome, reason),
        detail={"id": identify(release, work.phase), **detail(release, outcome, reason)},
    )
    work.tools.announcer.announce(told)

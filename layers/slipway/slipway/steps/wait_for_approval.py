"""Wait for Approval, Wait for Final Approval: a human says yes or no, and until then everything else still counts."""

from slipway.record.news import News
from slipway.release.approval import Decision
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.steps.aborting import aborted
from slipway.steps.examining import alarm_findings, examine
from slipway.steps.gates import is_expired
from slipway.steps.ground import survey
from slipway.steps.sights import glance_when_due
from slipway.steps.telling import tell_once
from slipway.steps.watching import against, probe
from slipway.steps.work import Work

SILENT_ROUNDS = 4
"""After so many rounds without news the endpoint is looked at, then after twice as many, and so on."""


def wait_for_approval(work: Work) -> Verdict | None:
    """Answer APPROVED, REFUSED, SUPERSEDED, or what speaks against the new fleet; None while nobody has decided."""
    work.arm()
    is_end = work.phase is Phase.WAIT_FOR_FINAL_APPROVAL
    verdict = _at_the_end(work) if is_end else _at_the_start(work)
    if verdict is None:
        judged = work.release.phases[Phase.WATCH_ALARMS if is_end else Phase.VERIFY_CONFIG]
        tell_once(work, News.AWAITS_APPROVAL, judged.reason)
    return verdict


def _at_the_start(work: Work) -> Verdict | None:
    """Nothing is touched yet: give way to whoever comes, and go on only from the ground as it is by then."""
    turn = work.tools.ledger.turn(work.release.endpoint)
    if turn is not None and turn.next:
        return Verdict(Answer.SUPERSEDED, f"release {turn.next['release']} came while this one waited for its approval")
    if work.release.aborted_by:
        return refused(aborted(work.release))
    wrong = alarm_findings(work)
    if wrong:
        return refused(*wrong)
    decision = work.release.decisions.get(work.phase)
    if decision is not None and decision.approves:
        return _as_it_is_now(work, decision)
    return _no(work, decision)


def _as_it_is_now(work: Work, decision: Decision) -> Verdict | None:
    """Examine the ground again, since the look before the wait may be hours old, and let later steps read this one.

    An endpoint that something changes meanwhile is waited for as long as an approval would have been."""
    found = examine(work, survey(work))
    if found.answer is Answer.BUSY and not is_expired(work.release.wanted.approval, work.request.round):
        return None
    work.tools.ledger.conclude(work.release, Phase.VERIFY_CONFIG, found)
    return Verdict(Answer.APPROVED, str(decision)) if found.answer is Answer.ACCEPTABLE else found


def _at_the_end(work: Work) -> Verdict | None:
    """The new fleet serves: alarms count at every look and come before any decision."""
    wrong = against(work, glance_when_due(work, SILENT_ROUNDS))
    if wrong is not None:
        return wrong
    decision = work.release.decisions.get(work.phase)
    if decision is not None and decision.approves:
        return Verdict(Answer.APPROVED, str(decision))
    refusal = _no(work, decision)
    if refusal is None:
        probe(work)
    return refusal


def _no(work: Work, decision: Decision | None) -> Verdict | None:
    """Refuse because somebody said no, or because nobody said anything in time."""
    if decision is not None:
        return refused(Finding("APPROVAL_REFUSED", f"It was {decision}.", "Drop again when it shall be released."))
    asked = work.release.wanted.approval
    if not is_expired(asked, work.request.round):
        return None
    what = f"Nobody approved it within {asked.expires_seconds} s."
    return refused(Finding("APPROVAL_EXPIRED", what, "Drop again, and have it approved in time.", "approval"))

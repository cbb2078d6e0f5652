"""How a release ends: one outcome and one reason, told from what its phases left behind."""

import re

from slipway.release.phases import Phase
from slipway.release.release import Kind, Release
from slipway.release.verdicts import Answer, Outcome

_WRAPPED = re.compile(r'\{\s*"errorMessage":\s*"(?P<message>(?:[^"\\]|\\.)*)[^|]*?(?= \||$)')

LEFT_TO_HUMAN = "it had needed a human: "
"""What the reason of a release begins with that was recovered after it had been given up."""

BEFORE_TOUCH = (
    Phase.READ_RELEASE,
    Phase.VERIFY_ARTIFACT,
    Phase.WAIT_FOR_TURN,
    Phase.CREATE_MODEL,
    Phase.VERIFY_CONFIG,
    Phase.WAIT_FOR_APPROVAL,
    Phase.CREATE_CONFIG,
    Phase.CREATE_ENDPOINT,
)
"""The phases that may refuse while nothing is touched yet."""

RETURNED = (Phase.WAIT_FOR_ROLLBACK, Phase.WAIT_FOR_FINAL_APPROVAL, Phase.WATCH_ALARMS, Phase.WAIT_FOR_IN_SERVICE)
"""The phases that may see the old config back, the latest word first."""


def decide(release: Release, is_live: bool, trouble: str) -> tuple[Outcome, str]:
    """Decide the outcome of a release that is being closed.

    Args:
        release: with all its phases.
        is_live: whether the live pointer of its endpoint names it.
        trouble: what crashed on the way, empty if nothing did.
    """
    if release.outcome is not None:
        return release.outcome, release.reason
    trouble = plain(trouble)
    if is_live:
        return Outcome.LIVE, _proof(release)
    if release.kind is Kind.ROLLBACK:
        return _decide_rollback(release, trouble)
    if not was_touched(release):
        return _decide_untouched(release, trouble)
    if is_back(release):
        return Outcome.ROLLED_BACK, cause(release, trouble)
    return Outcome.NEEDS_HUMAN, f"{cause(release, trouble)}; {last_word(release)}{_configs(release)}"


def _configs(release: Release) -> str:
    """Name both configs between which a human has to decide."""
    before = release.fact(Phase.VERIFY_CONFIG, "before", "") or "none"
    return f"; its config is {release.fact(Phase.CREATE_CONFIG, 'config', 'none')}, the one before it {before}"


def plain(trouble: str) -> str:
    """Say what crashed without the JSON that Lambda wraps it in, whole or cut off."""
    return _WRAPPED.sub(lambda found: found["message"].replace('\\"', '"'), trouble)


def was_touched(release: Release) -> bool:
    """Whether the release may have changed its endpoint: it wrote down that it would, and was not refused."""
    if release.kind is Kind.ROLLBACK:
        asked = bool(release.intent(Phase.ROLL_BACK_RELEASE, "action"))
        return asked and release.answer(Phase.ROLL_BACK_RELEASE) is not Answer.REFUSED
    intended = bool(release.intent(Phase.CREATE_ENDPOINT, "action"))
    return intended and release.answer(Phase.CREATE_ENDPOINT) is not Answer.REFUSED


def is_back(release: Release) -> bool:
    """Whether what served before was seen to serve again, or what a first release made was seen to be gone."""
    if release.answer(Phase.ROLL_BACK_RELEASE) is Answer.NOTHING_TO_UNDO:
        return True
    last = next((release.answer(phase) for phase in RETURNED if release.answer(phase)), None)
    return last in (Answer.ROLLED_BACK, Answer.GONE)


def cause(release: Release, trouble: str = "") -> str:
    """Name the first thing that spoke against the release."""
    against = (
        (Phase.WAIT_FOR_IN_SERVICE, (Answer.ROLLED_BACK, Answer.FAILED, Answer.FOREIGN, Answer.STUCK)),
        (Phase.RUN_SMOKE_INVOCATIONS, (Answer.FAILED, Answer.INCONCLUSIVE)),
        (
            Phase.WATCH_ALARMS,
            (Answer.RINGING, Answer.NO_DATA, Answer.ROLLED_BACK, Answer.FOREIGN, Answer.FAILED, Answer.STUCK),
        ),
        (
            Phase.WAIT_FOR_FINAL_APPROVAL,
            (Answer.REFUSED, Answer.RINGING, Answer.ROLLED_BACK, Answer.FOREIGN, Answer.FAILED, Answer.STUCK),
        ),
        (Phase.PROMOTE_RELEASE, (Answer.NOT_LIVE,)),
    )
    for phase, answers in against:
        if release.answer(phase) in answers:
            return f"{phase.state}: {release.phases[phase].reason}"
    if release.reason:
        return f"{LEFT_TO_HUMAN}{release.reason.removeprefix(LEFT_TO_HUMAN)}"
    return trouble or _broken_off(release)


def last_word(release: Release) -> str:
    """Say what the way back reported last."""
    for phase in (Phase.WAIT_FOR_ROLLBACK, Phase.ROLL_BACK_RELEASE, Phase.VETO_DEPLOYMENT, Phase.WAIT_FOR_TURN):
        record = release.phases.get(phase)
        if record is not None and record.reason:
            return f"{phase.state}: {record.reason}"
    return "whether the endpoint is as it was is not known"


def _broken_off(release: Release) -> str:
    """Say where a release stood when its execution ended without a verdict: stopped, timed out or died."""
    later = Phase.VETO_DEPLOYMENT.ordinal
    # A recovery waits for the turn too.
    begun = [phase for phase in Phase if phase in release.phases and phase is not Phase.WAIT_FOR_TURN]
    forward = [phase for phase in begun if phase.ordinal < later]
    place = forward[-1].state if forward else Phase.READ_RELEASE.state
    doing = "after" if forward and release.answer(forward[-1]) else "during"
    return f"its execution was stopped or died {doing} {place}"


def _proof(release: Release) -> str:
    """Say on what grounds a release is live, in the words of the phases that judged it."""
    judged = (
        Phase.WAIT_FOR_APPROVAL,
        Phase.RUN_SMOKE_INVOCATIONS,
        Phase.WATCH_ALARMS,
        Phase.WAIT_FOR_FINAL_APPROVAL,
    )
    reasons = [release.phases[phase].reason for phase in judged if phase in release.phases]
    promoted = release.phases.get(Phase.PROMOTE_RELEASE)
    missing = [f"but: {finding.message}" for finding in promoted.findings] if promoted else []
    return "; ".join(["it serves", *reasons, *missing])


def _decide_untouched(release: Release, trouble: str) -> tuple[Outcome, str]:
    for phase in BEFORE_TOUCH:
        reason = release.phases[phase].reason if phase in release.phases else ""
        match release.answer(phase):
            case Answer.REFUSED:
                return Outcome.REJECTED, reason
            case Answer.BUSY:
                return Outcome.REJECTED, _never_still(reason)
            case Answer.SUPERSEDED:
                return Outcome.SUPERSEDED, reason
            case Answer.UNCHANGED:
                return Outcome.UNCHANGED, reason
    return Outcome.REJECTED, trouble or f"{_broken_off(release)}, before it touched the endpoint; drop it again"


def _never_still(reason: str) -> str:
    return f"{reason}, but never stood still for long; try again when it is InService"


def _decide_rollback(release: Release, trouble: str) -> tuple[Outcome, str]:
    touched = was_touched(release)
    for phase in (Phase.WAIT_FOR_ROLLBACK, Phase.ROLL_BACK_RELEASE):
        if touched and release.answer(phase) in (Answer.ROLLED_BACK, Answer.NOTHING_TO_UNDO):
            return Outcome.ROLLED_BACK, release.phases[phase].reason
    if touched:
        here, there = (release.intent(Phase.ROLL_BACK_RELEASE, name, "") for name in ("before", "config"))
        return Outcome.NEEDS_HUMAN, f"{trouble or last_word(release)}; on its way from {here} to {there}"
    if release.answer(Phase.ROLL_BACK_RELEASE) is Answer.NOTHING_TO_UNDO:
        return _decide_return(release)
    record = release.phases.get(Phase.ROLL_BACK_RELEASE)
    if record is None or not record.reason or release.answer(Phase.WAIT_FOR_TURN) is Answer.REFUSED:
        return _decide_untouched(release, trouble)
    return Outcome.REJECTED, _never_still(record.reason) if record.answer is Answer.BUSY else record.reason


def _decide_return(release: Release) -> tuple[Outcome, str]:
    """Decide the outcome of a rollback that found its goal serving: somebody was faster, or there was nothing to do."""
    to = release.intent(Phase.ROLL_BACK_RELEASE, "to")
    stopped = release.fact(Phase.READ_RELEASE, "stops", "")
    if stopped:
        return Outcome.ROLLED_BACK, f"release {to} serves; {stopped}, which was under way, was stopped"
    if release.intent(Phase.ROLL_BACK_RELEASE, "was_live"):
        return Outcome.UNCHANGED, f"release {to} is live already"
    return Outcome.ROLLED_BACK, f"release {to} serves already; it counts as live again"

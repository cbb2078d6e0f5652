"""How a release ends: one outcome and one reason, told from what its phases left behind."""

from slipway.release.phases import Phase
from slipway.release.release import Kind, Release
from slipway.release.verdicts import Answer, Outcome

BEFORE_TOUCH = (
    Phase.READ_RELEASE,
    Phase.VERIFY_ARTIFACT,
    Phase.WAIT_FOR_TURN,
    Phase.CREATE_MODEL,
    Phase.VERIFY_CONFIG,
    Phase.CREATE_CONFIG,
    Phase.CREATE_ENDPOINT,
)
"""The phases that may refuse while nothing is touched yet."""

RETURNED = (Phase.WAIT_FOR_ROLLBACK, Phase.WATCH_ALARMS, Phase.WAIT_FOR_IN_SERVICE)
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
    if is_live:
        return Outcome.LIVE, _proof(release)
    if release.kind is Kind.ROLLBACK:
        return _decide_rollback(release, trouble)
    if not was_touched(release):
        return _decide_untouched(release, trouble)
    if is_back(release):
        return Outcome.ROLLED_BACK, cause(release, trouble)
    return Outcome.NEEDS_HUMAN, f"{cause(release, trouble)}; {last_word(release)}"


def was_touched(release: Release) -> bool:
    """Whether the release may have changed its endpoint: it wrote down that it would, and was not refused."""
    if release.kind is Kind.ROLLBACK:
        return bool(release.intent(Phase.ROLL_BACK_RELEASE, "action"))
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
        (Phase.WATCH_ALARMS, (Answer.RINGING, Answer.NO_DATA, Answer.ROLLED_BACK, Answer.FOREIGN)),
        (Phase.PROMOTE_RELEASE, (Answer.NOT_LIVE,)),
    )
    for phase, answers in against:
        if release.answer(phase) in answers:
            return f"{phase.state}: {release.phases[phase].reason}"
    return trouble or "the endpoint did not come up in time"


def last_word(release: Release) -> str:
    """Say what the way back reported last."""
    for phase in (Phase.WAIT_FOR_ROLLBACK, Phase.ROLL_BACK_RELEASE, Phase.VETO_DEPLOYMENT):
        record = release.phases.get(phase)
        if record is not None and record.reason:
            return f"{phase.state}: {record.reason}"
    return "whether the endpoint is as it was is not known"


def _proof(release: Release) -> str:
    """Say on what grounds a release is live, in the words of the phases that judged it."""
    judged = (Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS)
    reasons = [release.phases[phase].reason for phase in judged if phase in release.phases]
    return "; ".join(["it serves", *reasons])


def _decide_untouched(release: Release, trouble: str) -> tuple[Outcome, str]:
    for phase in BEFORE_TOUCH:
        reason = release.phases[phase].reason if phase in release.phases else ""
        match release.answer(phase):
            case Answer.REFUSED:
                return Outcome.REJECTED, reason
            case Answer.SUPERSEDED:
                return Outcome.SUPERSEDED, reason
            case Answer.UNCHANGED:
                return Outcome.UNCHANGED, reason
    return (
        Outcome.REJECTED,
        trouble or "it ended before it touched the endpoint: its turn never came, or its execution died",
    )


def _decide_rollback(release: Release, trouble: str) -> tuple[Outcome, str]:
    if release.answer(Phase.WAIT_FOR_ROLLBACK) is Answer.ROLLED_BACK:
        return Outcome.ROLLED_BACK, release.phases[Phase.WAIT_FOR_ROLLBACK].reason
    if not was_touched(release):
        record = release.phases.get(Phase.ROLL_BACK_RELEASE)
        return Outcome.REJECTED, record.reason if record else trouble or "the endpoint was busy for too long"
    return Outcome.NEEDS_HUMAN, trouble or last_word(release)

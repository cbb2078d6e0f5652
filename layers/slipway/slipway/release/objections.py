"""Which answers of phases speak against a release."""

from slipway.release.phases import Phase
from slipway.release.release import PhaseRecord
from slipway.release.verdicts import Answer

AGAINST = frozenset(
    {
        Answer.REFUSED,
        Answer.FAILED,
        Answer.FOREIGN,
        Answer.STUCK,
        Answer.INCONCLUSIVE,
        Answer.RINGING,
        Answer.NO_DATA,
        Answer.NOT_LIVE,
        Answer.IMPOSSIBLE,
    }
)
"""Answers that speak against a release in whatever phase."""

AGAINST_FORWARD = frozenset({Answer.ROLLED_BACK, Answer.GONE})
"""Answers that speak against a release on its way forward, and are the aim on its way back."""

WAY_BACK = frozenset({Phase.VETO_DEPLOYMENT, Phase.ROLL_BACK_RELEASE, Phase.WAIT_FOR_ROLLBACK, Phase.CLOSE_RELEASE})


def is_against(record: PhaseRecord) -> bool:
    """Whether a phase spoke against its release."""
    return record.answer in AGAINST or (record.answer in AGAINST_FORWARD and record.phase not in WAY_BACK)

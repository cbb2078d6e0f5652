"""Roll Back the Release: back to what is live, or away with a first-ever endpoint that this release made."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.roll_back_release import roll_back_release
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return roll_back_release(work)

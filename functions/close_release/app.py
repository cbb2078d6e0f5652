"""Close the Release: always, once or again, in this order: outcome, leftovers, turn, report, announcement."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.close_release import close_release
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return close_release(work)

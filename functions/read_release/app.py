"""Read the Release: event → pair → claim in the ledger; accepted, refused, nothing, or an operator's request."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.read_release import read_release
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return read_release(work)

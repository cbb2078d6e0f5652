"""Wait for Approval, Wait for Final Approval: a human says yes or no, and until then everything else still counts."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.wait_for_approval import wait_for_approval
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict | None:
    """Run the step; its verdict routes the machine."""
    return wait_for_approval(work)

"""Wait for InService, Wait for the Rollback: look at the endpoint, answer when it has settled or bakes."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.wait_for_endpoint import wait_for_endpoint
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict | None:
    """Run the step; its verdict routes the machine."""
    return wait_for_endpoint(work)

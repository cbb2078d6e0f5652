"""Create the Endpoint: create it, update it under guardrails, or once remove a Failed one of ours and come back."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.create_endpoint import create_endpoint
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return create_endpoint(work)

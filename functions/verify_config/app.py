"""Verify the Config: would SageMaker and the guards accept this? Every finding, before anything costs money."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.verify_config import verify_config
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return verify_config(work)

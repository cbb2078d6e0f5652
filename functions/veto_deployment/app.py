"""Veto the Deployment: trip the veto alarm, so that SageMaker itself puts traffic back while the old fleet runs."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.veto_deployment import veto_deployment
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return veto_deployment(work)

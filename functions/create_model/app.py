"""Create the Model: named by its content; create it, or describe and compare."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.create_model import create_model
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return create_model(work)

"""Create the Config: the release's alarms first, then the config; described until it can be seen."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.create_config import create_config
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return create_config(work)

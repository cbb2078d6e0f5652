"""Watch the Alarms: they must stay quiet for the whole bake or watch, and must have had something to judge."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.watch_alarms import watch_alarms
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict | None:
    """Run the step; its verdict routes the machine."""
    return watch_alarms(work)

"""Wait for a Turn: one release changes an endpoint at a time; the newest waits, older ones are superseded."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.wait_for_turn import wait_for_turn
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict | None:
    """Run the step; its verdict routes the machine."""
    return wait_for_turn(work)

"""Run Smoke Invocations: every case of the spec, often enough to meet every instance, judged on its content."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.run_smoke_invocations import run_smoke_invocations
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return run_smoke_invocations(work)

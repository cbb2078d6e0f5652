"""Verify the Artifact: stream it once, judge it without unpacking it, freeze the bytes that were judged."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.verify_artifact import verify_artifact
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return verify_artifact(work)

"""Promote the Release: the last check of everything that live means, then the live pointer moves."""

from slipway.release.verdicts import Verdict
from slipway.step import step
from slipway.steps.promote_release import promote_release
from slipway.steps.work import Work


@step
def lambda_handler(work: Work) -> Verdict:
    """Run the step; its verdict routes the machine."""
    return promote_release(work)

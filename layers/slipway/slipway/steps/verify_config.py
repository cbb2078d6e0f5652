"""Verify the Config: would SageMaker and the guards accept this? Every finding, before anything costs money."""

from dataclasses import replace

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict, refused
from slipway.steps.adopting import adopt
from slipway.steps.examining import examine
from slipway.steps.gates import timing
from slipway.steps.ground import is_ours, may_adopt, survey
from slipway.steps.work import Work


def verify_config(work: Work) -> Verdict:
    """Answer ACCEPTABLE or NEEDS_APPROVAL with what was found at the endpoint, UNCHANGED, BUSY, or REFUSED."""
    release = work.release
    if release.answer(Phase.CREATE_MODEL) is Answer.REFUSED:
        return refused(*release.phases[Phase.CREATE_MODEL].findings)
    ground = survey(work)
    verdict = examine(work, ground)
    if verdict.answer is not Answer.ACCEPTABLE:
        return verdict
    if may_adopt(work, ground) and not is_ours(ground) and (findings := adopt(work, ground)):
        return refused(*findings)
    if release.wanted.approval.before == "update":
        return replace(verdict, answer=Answer.NEEDS_APPROVAL, route=timing(release.wanted.approval))
    return verdict

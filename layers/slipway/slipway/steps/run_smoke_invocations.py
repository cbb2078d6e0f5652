"""Run Smoke Invocations: every case, of the spec or the archive, often enough to meet every instance, and judged."""

from slipway.judging.smoke import CaseResult, verdict
from slipway.judging.smoke_repeats import judge_repeats
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_state import Sight
from slipway.steps.invoking import cases_of, send_all
from slipway.steps.sights import forward, look
from slipway.steps.work import Work


def run_smoke_invocations(work: Work) -> Verdict:
    """Answer PASSED, FAILED with every failed case, INCONCLUSIVE when the service gave no answer, or ROLLED_BACK.

    The last means that SageMaker took the new fleet's traffic away meanwhile: then the old fleet gave the answers.
    """
    spec = work.release.wanted
    results: list[CaseResult] = []
    for case in cases_of(work.release):
        results += judge_repeats(case, send_all(work, case, spec.serve.instance_count))
    judged = verdict(results)
    if judged.answer is not Answer.PASSED and _lost_its_traffic(work):
        reason = "the new fleet lost its traffic during the smoke, so the answers prove nothing"
        return Verdict(Answer.ROLLED_BACK, reason, facts=judged.facts)
    return judged


def _lost_its_traffic(work: Work) -> bool:
    """Whether a fleet that baked does so no longer; which fleet answered cannot be told from an answer."""
    if work.release.answer(Phase.WAIT_FOR_IN_SERVICE) is not Answer.BAKING:
        return False
    return look(work, forward(work.release)).sight not in (Sight.BAKING, Sight.IN_SERVICE)

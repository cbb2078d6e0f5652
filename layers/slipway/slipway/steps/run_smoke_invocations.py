"""Run Smoke Invocations: every case, of the spec or the archive, often enough to meet every instance, and judged."""

from collections.abc import Sequence
from datetime import timedelta

from slipway.judging.smoke import CaseResult, verdict
from slipway.judging.smoke_repeats import judge_repeats
from slipway.judging.smoke_requests import requests_of
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_state import Sight
from slipway.steps.container_lines import with_lines_so_far
from slipway.steps.fleets import instances_of
from slipway.steps.invoking import cases_by_variant, send_all
from slipway.steps.regressing import compared
from slipway.steps.sights import forward, look
from slipway.steps.work import Work

SECONDS = 480
"""How long requests are sent: with the last answer, which may take 70 s, it stays below the function's own 600 s."""


def run_smoke_invocations(work: Work) -> Verdict:
    """Answer PASSED, FAILED with every failed case, INCONCLUSIVE when the service gave no answer, or ROLLED_BACK.

    The last means that SageMaker took the new fleet's traffic away meanwhile: then the old fleet gave the answers.
    """
    release = work.release
    until = work.tools.clock.now() + timedelta(seconds=SECONDS)
    cases, results = cases_by_variant(release), list[CaseResult]()
    for case in cases:
        sent = send_all(work, case, _enough(release, case, cases), until)
        results += judge_repeats(case, sent)
    judged = verdict(results)
    if judged.answer is Answer.PASSED:
        judged = compared(work, judged, until)
    if judged.answer is not Answer.PASSED and _lost_its_traffic(work):
        reason = "the new fleet lost its traffic during the smoke, so the answers prove nothing"
        return Verdict(Answer.ROLLED_BACK, reason, facts=judged.facts)
    return with_lines_so_far(work, judged, results) if judged.answer is Answer.FAILED else judged


def _enough(release: Release, case: SmokeCase, cases: Sequence[SmokeCase]) -> int:
    """Count the requests of a case: the cases of one variant meet its instances together."""
    if not release.wanted.variants:
        (instances,) = instances_of(release).values()
        return requests_of(case, len(cases), instances)
    alike = [other for other in cases if other.target_variant == case.target_variant]
    return requests_of(case, len(alike), instances_of(release)[case.target_variant])


def _lost_its_traffic(work: Work) -> bool:
    """Whether a fleet that baked does so no longer; which fleet answered cannot be told from an answer."""
    if work.release.answer(Phase.WAIT_FOR_IN_SERVICE) is not Answer.BAKING:
        return False
    return look(work, forward(work.release)).sight not in (Sight.BAKING, Sight.IN_SERVICE)

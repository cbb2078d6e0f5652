"""Whether all the answers to one case together are as it expects: their errors, their latencies, their stability."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from slipway.judging.json_match import differences, shown
from slipway.judging.smoke import CaseResult, judge
from slipway.judging.smoke_answers import Answered
from slipway.judging.smoke_expectations import failed, tolerance_of
from slipway.judging.smoke_latency import slow
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer, Finding


def judge_repeats(case: SmokeCase, answers: Sequence[Answered]) -> list[CaseResult]:
    """Judge every answer to a case, and then all of them together.

    Args:
        case: the request with its expectations.
        answers: the last answer to each of its repeats, warm-up left out.

    Returns:
        One result for each answer, and one more without a request if together they are not as expected.
    """
    results = _forgiven(case, [judge(case, answered) for answered in answers])
    alike = [answered for answered in answers if answered.status == case.expect.status]
    found = (*slow(case, [answered.latency_ms for answered in alike]), *_unstable(case, alike))
    if found:
        results.append(CaseResult(case.name, Answer.FAILED, found, requests=0))
    return results


def _forgiven(case: SmokeCase, results: list[CaseResult]) -> list[CaseResult]:
    """Let as many failed answers pass as the case allows for."""
    errors = sum(result.answer is Answer.FAILED for result in results)
    allowed = case.expect.error_share
    if not errors or errors > allowed * len(results) or errors == len(results):
        return results
    return [replace(result, answer=Answer.PASSED) if result.answer is Answer.FAILED else result for result in results]


def _unstable(case: SmokeCase, answers: Sequence[Answered]) -> Iterator[Finding]:
    if not case.expect.stable:
        return
    for answered in answers[1:]:
        if told := difference(case, answers[0], answered):
            what = f"The same request was answered differently: {told}."
            yield failed("SMOKE_UNSTABLE", answered, what, f"smoke[{case.name}].expect.stable")
            return


def difference(case: SmokeCase, first: Answered, other: Answered) -> str:
    """Say in what another answer to a case differs from the first, within its tolerances; empty if in nothing."""
    if first.body == other.body and first.status == other.status:
        return ""
    if first.status != other.status:
        return f"status {other.status} after {first.status}"
    try:
        told = differences(json.loads(first.body), json.loads(other.body), tolerance_of(case.expect))
        return "; ".join(islice(told, 3))
    except (ValueError, RecursionError):
        return f"{shown(other.text)} after {shown(first.text)}"

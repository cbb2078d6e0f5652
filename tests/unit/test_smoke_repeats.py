"""All the answers to one case are judged together: how many may fail, how quick they are, whether they agree."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.judging.smoke import verdict
from slipway.judging.smoke_answers import Answered
from slipway.judging.smoke_latency import percentile
from slipway.judging.smoke_repeats import judge_repeats
from slipway.release.smoke_spec import Expect, SmokeCase
from slipway.release.verdicts import Answer, Verdict

GOOD = Answered(200, b'{"score": 0.5}', "application/json", 10.0, request_id="r-1")
BAD = Answered(500, error="ModelError", message="boom", request_id="r-2")


def judged(answers: list[Answered], **expect: Any) -> Verdict:
    return verdict(judge_repeats(SmokeCase(name="a", json=1, expect=Expect(**expect)), answers))


def after(*latencies: float) -> list[Answered]:
    return [replace(GOOD, latency_ms=each) for each in latencies]


def test_the_median_does_not_mind_one_slow_answer_and_the_95th_percentile_does() -> None:
    answers = after(*[10.0] * 9, 900.0)
    assert judged(answers, p50_ms=20).answer is Answer.PASSED
    slow = judged(answers, p50_ms=20, p95_ms=100)
    assert slow.answer is Answer.FAILED
    assert [(each.code, each.where) for each in slow.findings] == [("SMOKE_LATENCY", "smoke[a].expect.p95_ms")]
    assert "got 900 ms over 10 answers" in slow.findings[0].message


def test_the_facts_tell_percentiles_of_requests_and_count_no_other_result() -> None:
    (fact,) = judged(after(1, 2, 3, 4), p50_ms=1).facts["cases"]
    assert (fact["requests"], fact["p50_ms"], fact["p95_ms"], fact["slowest_ms"]) == (4, 2, 4, 4)


@pytest.mark.parametrize(
    ("bad", "share", "answer"), [(1, 0.1, Answer.PASSED), (2, 0.1, Answer.FAILED), (1, 0.0, Answer.FAILED)]
)
def test_so_many_answers_may_fail_as_the_case_allows(bad: int, share: float, answer: Answer) -> None:
    found = judged([GOOD] * (10 - bad) + [BAD] * bad, error_share=share)
    assert found.answer is answer
    assert [each.code for each in found.findings] == ["SMOKE_STATUS"], "what was forgiven is told all the same"


def test_a_case_of_which_every_answer_failed_is_never_forgiven() -> None:
    assert judged([BAD], error_share=1.0).answer is Answer.FAILED


def test_a_model_that_answers_the_same_request_differently_is_not_stable() -> None:
    other = replace(GOOD, body=b'{"score": 0.6}', request_id="r-9")
    assert judged([GOOD, other]).answer is Answer.PASSED
    (finding,) = judged([GOOD, GOOD, other], stable=True).findings
    assert finding.code == "SMOKE_UNSTABLE"
    assert "$.score is 0.6 instead of 0.5" in finding.message
    assert "r-9" in finding.message


def test_the_same_numbers_within_the_tolerance_are_stable_however_they_are_written() -> None:
    other = replace(GOOD, body=b'{ "score":0.51 }')
    assert judged([GOOD, other], stable=True, tolerance=0.02).answer is Answer.PASSED


def test_two_different_texts_are_not_stable() -> None:
    (finding,) = judged([replace(GOOD, body=b"yes"), replace(GOOD, body=b"no")], stable=True).findings
    assert '"no" after "yes"' in finding.message


def test_what_was_not_answered_is_neither_slow_nor_unstable() -> None:
    found = judged([GOOD, Answered(0, error="ServiceUnavailable", latency_ms=1e6)], stable=True, p99_ms=20)
    assert found.answer is Answer.INCONCLUSIVE
    assert [each.code for each in found.findings] == ["SMOKE_NOT_ANSWERED"]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_is_one_of_the_values_and_at_least_that_share_is_not_above_it(
    values: list[float], share: float
) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9

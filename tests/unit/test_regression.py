"""A new model is held to what the live one answered, within the tolerances that the spec allows."""

from dataclasses import replace
from typing import Any

import pytest

from slipway.judging.regression import LONGEST_ANSWER, Recorded, compare, kept_from, kept_text, recorded
from slipway.judging.smoke_answers import Answered
from slipway.release.regression_spec import Regression
from slipway.release.smoke_spec import SmokeCase
from slipway.release.variant_spec import MOST_VARIANTS
from slipway.release.verdicts import Answer, Finding
from slipway.steps.regressing import KEPT_BYTES

CASE = SmokeCase(name="a row", body="[1]")
LIVE = Answered(200, b'{"score": 0.5}', "application/json", 10.0)
KEPT = Recorded(CASE, 200, LIVE.body, (10.0, 10.0))


def scored(score: float, **about: Any) -> Answered:
    return replace(LIVE, body=b'{"score": %a}' % score, **about)


def judged(answers: list[Answered], **wanted: Any) -> tuple[Answer, list[str]]:
    found = compare(Regression(inputs="smoke", **wanted), [(KEPT, [each]) for each in answers])
    return found.answer, [finding.code for finding in found.findings]


def test_the_same_answers_pass_and_a_different_one_fails_with_both_values() -> None:
    assert judged([LIVE, LIVE]) == (Answer.PASSED, [])
    assert judged([LIVE, scored(0.6)]) == (Answer.FAILED, ["REGRESSION_DIFFERS"])
    found = compare(Regression(inputs="smoke"), [(KEPT, [scored(0.6)])])
    assert "$.score is 0.6 instead of 0.5" in found.findings[0].message
    assert found.facts == {"compared": 1, "differing": 1, "live_p50_ms": 10, "new_p50_ms": 10}


def test_tolerances_and_a_share_allow_for_what_the_spec_says() -> None:
    assert judged([scored(0.52)], tolerance=0.05) == (Answer.PASSED, [])
    assert judged([scored(0.52)], relative_tolerance=0.05) == (Answer.PASSED, [])
    few = [LIVE, LIVE, LIVE, scored(0.9)]
    assert judged(few, differing_share=0.25) == (Answer.PASSED, ["REGRESSION_DIFFERS"])
    assert judged(few, differing_share=0.2)[0] is Answer.FAILED


def test_the_median_latency_may_grow_by_the_factor_and_no_more() -> None:
    slow = [replace(LIVE, latency_ms=took) for took in (19, 19, 900)]
    assert judged(slow, latency_factor=2) == (Answer.PASSED, [])
    assert judged(slow, latency_factor=1.5) == (Answer.FAILED, ["REGRESSION_SLOWER"])
    assert judged(slow) == (Answer.PASSED, [])


def test_a_status_of_the_model_counts_and_a_silent_service_leaves_it_open() -> None:
    assert judged([Answered(400, error="ModelError")]) == (Answer.FAILED, ["REGRESSION_DIFFERS"])
    silent = Answered(0, error="ServiceUnavailable", message="try later")
    assert judged([LIVE, silent]) == (Answer.INCONCLUSIVE, ["REGRESSION_NOT_ANSWERED"])
    assert judged([scored(0.9), silent])[0] is Answer.FAILED


def test_a_request_that_the_live_model_refuses_must_be_refused_by_the_new_one_too() -> None:
    refused = Answered(400, b"bad row", error="ModelError")
    kept = recorded(CASE, [refused, refused], Regression())
    assert isinstance(kept, Recorded)
    assert compare(Regression(), [(kept, [replace(refused, body=b"other words")])]).answer is Answer.PASSED
    assert compare(Regression(), [(kept, [LIVE])]).answer is Answer.FAILED


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([LIVE, scored(0.6)], "REGRESSION_UNSTABLE"),
        ([LIVE, Answered(500, error="ModelError")], "REGRESSION_LIVE_FAILED"),
        ([Answered(0, error="ThrottlingException"), LIVE], "REGRESSION_LIVE_FAILED"),
        ([replace(LIVE, body=b"1" * (LONGEST_ANSWER + 1))] * 2, "REGRESSION_TOO_LARGE"),
    ],
)
def test_what_the_live_model_does_not_answer_alike_compares_nothing(answers: list[Answered], code: str) -> None:
    told = recorded(CASE, answers, Regression())
    assert isinstance(told, Finding)
    assert told.code == code


def test_what_was_recorded_is_read_back_as_it_was() -> None:
    kept = [Recorded(CASE, 200, b"\xff\x00", (1.5, 2.5)), KEPT]
    assert kept_from(kept_text(kept, [])) == kept


def test_the_longest_answers_of_as_many_variants_as_there_may_be_are_read_back_whole() -> None:
    longest = replace(KEPT, body=b"x" * LONGEST_ANSWER)
    cases, text = 50, 256 * 1024  # that a spec may have
    assert (len(kept_text([longest], ())) * cases + 6 * text) * MOST_VARIANTS < KEPT_BYTES

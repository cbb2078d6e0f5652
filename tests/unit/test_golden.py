"""What the live model always answers becomes a case that the same answer passes; what it answers otherwise does not."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.intake.contents import Contents
from slipway.intake.smoke_files import smoke_cases
from slipway.judging.golden import golden
from slipway.judging.json_match import EXACT, Tolerance
from slipway.judging.smoke import judge
from slipway.judging.smoke_answers import Answered
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer

CASE = SmokeCase(name="a row", json=[[1, 2]], target_variant="main")
GOOD = Answered(200, b'{"score": 0.5}', "application/json; charset=utf-8")
NEAR = Tolerance(1e-3, 0.0)

_NUMBERS = st.integers(-9, 9) | st.floats(-9, 9).filter(lambda number: not 0 < abs(number) < 1e-9)
_TEXTS = st.text("ab", max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)


def read_back(case: object) -> SmokeCase:
    """Read a case as it is read from an archive's smoke/golden.json."""
    kept = {"smoke/golden.json": json.dumps([case]).encode()}
    (read,), _, wrong = smoke_cases(Contents(kept=kept))
    assert wrong == []
    return read


@given(JSON)
def test_the_case_that_is_made_can_be_read_and_passes_the_answer_it_was_made_of(answer: object) -> None:
    answered = Answered(200, json.dumps(answer).encode(), "application/json")
    made = golden(CASE, [answered, answered], EXACT)
    read = read_back(made.case)
    assert (read.name, read.json, read.target_variant) == ("a row", [[1, 2]], "main")
    assert judge(read, answered).answer is Answer.PASSED
    assert judge(read, replace(answered, body=b'["something else"]')).answer is Answer.FAILED


def test_a_number_may_wander_within_the_tolerance_that_the_case_then_has() -> None:
    made = golden(CASE, [GOOD, replace(GOOD, body=b'{"score": 0.5005}')], NEAR)
    assert made.case["expect"] == {"content_type": "application/json", "json": {"score": 0.5}, "tolerance": 1e-3}


def test_an_answer_that_is_text_is_expected_as_text() -> None:
    text = Answered(200, b"0.25,yes\n", "text/csv")
    read = read_back(golden(CASE, [text, text], EXACT).case)
    assert judge(read, text).answer is Answer.PASSED


def test_a_request_that_the_model_refuses_each_time_is_a_case_too() -> None:
    refused = Answered(415, b"not supported", error="ModelError", message="Received client error")
    assert golden(CASE, [refused, refused], EXACT).case["expect"] == {"status": 415}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([GOOD, replace(GOOD, body=b'{"score": 0.6}')], "differently each time: $.score is 0.6 instead of 0.5"),
        ([GOOD, Answered(500, error="ModelError")], "differently each time: status 500 after 200"),
        ([Answered(500, error="ModelError", message="boom")] * 2, "the live model fails on this request (status 500"),
        ([Answered(0, error="ThrottlingException", message="slow down")] * 2, "ThrottlingException: 'slow down'"),
        ([Answered(200, b"\xff\xfe", "application/x-npy")] * 2, "neither JSON nor a text"),
        ([Answered(200, b"a" * 10_001, "text/csv")] * 2, "neither JSON nor a text"),
    ],
)
def test_what_cannot_be_expected_is_not_recorded_and_says_why(answers: list[Answered], why: str) -> None:
    made = golden(CASE, answers, NEAR)
    assert made.case == {}
    assert why in made.why_not


def test_an_empty_answer_is_expected_to_be_empty() -> None:
    empty = Answered(200, b"", "")
    read = read_back(golden(CASE, [empty, empty], EXACT).case)
    assert judge(read, empty).answer is Answer.PASSED
    assert judge(read, replace(empty, body=b"x")).answer is Answer.FAILED


def test_nan_is_recorded_as_the_text_that_it_is() -> None:
    answered = Answered(200, b'{"score": NaN}', "application/json")
    assert golden(CASE, [answered, answered], NEAR).case["expect"]["contains"] == '{"score": NaN}'

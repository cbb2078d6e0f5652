"""Every kind of expectation holds what is right, and shows what is not with what was expected and what came."""

from dataclasses import replace
from typing import Any

import pytest

from slipway.judging.smoke import judge
from slipway.judging.smoke_answers import Answered
from slipway.release.smoke_spec import Expect, PathCheck, SmokeCase
from slipway.release.verdicts import Answer

BODY = b'{"predictions": [{"label": "yes", "score": 0.25}, {"label": "no", "score": 0.75}], "model": "v12"}'
GOOD = Answered(
    200, BODY, "application/json; charset=utf-8", 12.0, request_id="r-1", custom_attributes="trace=7;model=v12"
)


def case(**expect: Any) -> SmokeCase:
    return SmokeCase(name="a", json=[1], expect=Expect(**expect))


def at(path: str, **check: Any) -> dict[str, Any]:
    return {"paths": (PathCheck(path=path, **check),)}


@pytest.mark.parametrize(
    "expect",
    [
        at("$.predictions[0].score", json=0.24, tolerance=0.02),
        at("$.predictions[1].score", json=0.74, relative_tolerance=0.02),
        at("$.predictions[*].score", minimum=0, maximum=1),
        at("$.predictions", entries=2),
        at("$.model", matches="^v[0-9]+$"),
        at("$.predictions[-1].label", json="no"),
        at("$.predictions[0].score", matches="0.2"),
        {"matches": r'"model": "v\d+"'},
        {"content_type": "application/json"},
        {"content_type": "Application/JSON; charset=latin-1"},
        {"custom_attributes": "model=v12"},
    ],
)
def test_an_answer_that_is_as_expected_passes(expect: dict[str, Any]) -> None:
    result = judge(case(**expect), GOOD)
    assert (result.answer, result.findings) == (Answer.PASSED, ())


@pytest.mark.parametrize(
    ("expect", "code", "where", "told"),
    [
        (
            at("$.predictions[0].score", json=0.5),
            "SMOKE_PATH",
            "paths[0]",
            "$.predictions[0].score is 0.25 instead of 0.5",
        ),
        (
            at("$.predictions[*].score", maximum=0.5),
            "SMOKE_PATH",
            "paths[0]",
            "$.predictions[1].score is 0.75, more than 0.5",
        ),
        (
            at("$.predictions[*].score", minimum=0.5),
            "SMOKE_PATH",
            "paths[0]",
            "$.predictions[0].score is 0.25, less than 0.5",
        ),
        (at("$.model", minimum=0), "SMOKE_PATH", "paths[0]", '$.model is "v12", which is no number'),
        (at("$.predictions", entries=3), "SMOKE_PATH", "paths[0]", "$.predictions has 2 entries instead of 3 entries"),
        (at("$.model", entries=3), "SMOKE_PATH", "paths[0]", '$.model is "v12" instead of 3 entries'),
        (at("$.model", matches="^w"), "SMOKE_PATH", "paths[0]", "does not match '^w'"),
        (at("$.nothing"), "SMOKE_PATH", "paths[0]", "$.nothing is missing"),
        ({"matches": "v13"}, "SMOKE_PATTERN", "matches", "Expected an answer that matches 'v13', got"),
        ({"content_type": "text/csv"}, "SMOKE_CONTENT_TYPE", "content_type", "got 'application/json; charset=utf-8'"),
        ({"custom_attributes": "v13"}, "SMOKE_CUSTOM_ATTRIBUTES", "custom_attributes", "got 'trace=7;model=v12'"),
    ],
)
def test_a_disappointment_shows_what_was_expected_and_what_came(
    expect: dict[str, Any], code: str, where: str, told: str
) -> None:
    (finding,) = judge(case(**expect), GOOD).findings
    assert (finding.code, finding.where) == (code, f"smoke[a].expect.{where}")
    assert told in finding.message
    assert "(request r-1)" in finding.message


def test_not_a_number_is_within_no_bounds() -> None:
    answered = replace(GOOD, body=b'{"score": NaN}')
    for bound in ({"minimum": 0}, {"maximum": 1}):
        assert judge(case(**at("$.score", **bound)), answered).answer is Answer.FAILED


def test_a_path_in_what_is_no_json_fails_as_such() -> None:
    (finding,) = judge(case(**at("$.a")), replace(GOOD, body=b"yes")).findings
    assert (finding.code, finding.where) == ("SMOKE_NOT_JSON", "smoke[a].expect.paths")


def test_a_relative_tolerance_grows_with_the_expected_number() -> None:
    answered = replace(GOOD, body=b"[1010, 1.1]")
    (finding,) = judge(case(json=[1000, 1], relative_tolerance=0.02), answered).findings
    assert "$[1] is 1.1 instead of 1" in finding.message
    assert "$[0]" not in finding.message

"""A model is judged by its answers; what could not be asked is judged neither good nor bad."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.judging.runtime_errors import treatment
from slipway.judging.smoke import body_of, judge, verdict
from slipway.judging.smoke_answers import Answered
from slipway.release.smoke_spec import Expect, SmokeCase
from slipway.release.verdicts import Answer

GOOD = Answered(200, b'{"predictions": [0.25]}', "application/json", 12.0, request_id="r-1")


def case(**expect: Any) -> SmokeCase:
    return SmokeCase(name="one row", json={"instances": [[1]]}, expect=Expect(**expect))


def model_error(status: int, message: str = "") -> Answered:
    return Answered(status, error="ModelError", message=message, request_id="r-2", log_stream="main/i-1")


def failed(smoke: SmokeCase, answered: Answered) -> list[tuple[str, str]]:
    result = judge(smoke, answered)
    assert result.answer is Answer.FAILED
    return [(finding.code, finding.where) for finding in result.findings]


def test_a_request_is_sent_as_text_or_as_json() -> None:
    assert body_of(SmokeCase(name="a", body="1,2\né")) == "1,2\né".encode()
    assert body_of(SmokeCase(name="a", json={"x": [1, "é"]})) == '{"x":[1,"é"]}'.encode()


def test_an_answer_as_expected_passes() -> None:
    smoke = case(json={"predictions": [0.3]}, tolerance=0.1, contains="predictions", max_latency_ms=100)
    result = judge(smoke, GOOD)
    assert (result.answer, result.findings, result.request_id) == (Answer.PASSED, (), "r-1")


def test_everything_that_differs_is_told() -> None:
    smoke = case(json={"predictions": [1]}, contains="nothing", max_latency_ms=5)
    assert failed(smoke, GOOD) == [
        ("SMOKE_JSON", "smoke[one row].expect.json"),
        ("SMOKE_CONTENT", "smoke[one row].expect.contains"),
        ("SMOKE_LATENCY", "smoke[one row].expect.max_latency_ms"),
    ]


def test_a_difference_shows_what_was_expected_and_what_came_with_the_request_id() -> None:
    (finding,) = judge(case(json={"predictions": [1]}), GOOD).findings
    assert "$.predictions[0] is 0.25 instead of 1" in finding.message
    assert "r-1" in finding.message


def test_an_error_of_the_model_fails_with_its_status_message_and_log() -> None:
    (finding,) = judge(case(), model_error(500, "Received server error (500): no such column")).findings
    assert finding.code == "SMOKE_STATUS"
    assert "Expected status 200, got status 500" in finding.message
    assert "no such column" in finding.message
    assert "r-2" in finding.message
    assert "main/i-1" in finding.next_step


def test_a_model_that_does_not_answer_in_time_fails() -> None:
    (finding,) = judge(case(), model_error(0)).findings
    assert "no answer within 60 s" in finding.message


def test_an_error_that_is_expected_passes() -> None:
    assert judge(case(status=400), model_error(400, "bad row")).answer is Answer.PASSED
    assert failed(case(status=400), GOOD) == [("SMOKE_STATUS", "smoke[one row].expect.status")]


@pytest.mark.parametrize("body", [b"", b"hello", b"[" * 100_000, b"9" * 5000, b"\xff\xfe"])
def test_an_answer_that_is_not_json_fails_as_such(body: bytes) -> None:
    assert failed(case(json=[1]), replace(GOOD, body=body)) == [("SMOKE_NOT_JSON", "smoke[one row].expect.json")]


@pytest.mark.parametrize(
    "error",
    [
        "ModelNotReadyException",
        "IncompleteReadError",
        "ThrottlingException",
        "InternalFailure",
        "ServiceUnavailable",
        "InternalDependencyException",
        "502",
        "530",
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "ConnectionClosedError",
    ],
)
def test_what_aws_or_the_network_failed_at_is_retried_and_judges_no_model(error: str) -> None:
    answered = Answered(0, error=error)
    assert treatment(error).again > 0
    result = judge(case(), answered)
    assert result.answer is Answer.INCONCLUSIVE
    assert [finding.code for finding in result.findings] == [treatment(error).code]


@pytest.mark.parametrize("error", ["ReadTimeoutError", "SomethingNew"])
def test_what_nobody_knows_the_cause_of_judges_no_model_and_is_not_retried(error: str) -> None:
    answered = Answered(0, error=error)
    assert treatment(answered.error, answered.message).again == 0
    assert judge(case(), answered).answer is Answer.INCONCLUSIVE


@pytest.mark.parametrize("error", ["ValidationError", "413"])
def test_a_request_that_sagemaker_refuses_fails_and_is_not_retried(error: str) -> None:
    answered = Answered(0, error=error, message="too large")
    assert treatment(answered.error, answered.message).again == 0
    assert failed(case(), answered) == [("SMOKE_REFUSED", "smoke[one row]")]


def test_a_missing_permission_judges_no_model_and_is_not_retried() -> None:
    answered = Answered(0, error="AccessDeniedException")
    assert treatment(answered.error, answered.message).again == 0
    result = judge(case(), answered)
    assert result.answer is Answer.INCONCLUSIVE
    assert "sagemaker:InvokeEndpoint" in result.findings[0].next_step


@pytest.mark.parametrize("status", [0, 400, 429, 500, 503])
def test_neither_a_good_answer_nor_an_error_of_the_model_is_retried(status: int) -> None:
    assert treatment(model_error(status).error).again == 0
    assert treatment(GOOD.error).again == 0


def test_no_cases_pass_and_say_that_only_health_was_checked() -> None:
    empty = verdict([])
    assert empty.answer is Answer.PASSED
    assert [finding.code for finding in empty.findings] == ["SMOKE_NONE"]
    assert "release.yaml" in empty.findings[0].next_step


def test_all_cases_passed_pass_with_their_facts() -> None:
    passed = verdict([judge(case(), GOOD), judge(case(), replace(GOOD, latency_ms=30.4))])
    assert (passed.answer, passed.findings) == (Answer.PASSED, ())
    assert passed.reason == "all smoke cases passed (1), the slowest answer in 30 ms"
    assert passed.facts["cases"] == [
        {
            "name": "one row",
            "answer": "passed",
            "requests": 2,
            "status": 200,
            "p50_ms": 12,
            "p95_ms": 30,
            "slowest_ms": 30,
            "request_id": "r-1",
        }
    ]


def test_one_failed_case_fails_whatever_the_others_say() -> None:
    other = replace(case(), name="another row")
    results = [judge(other, Answered(0, error="ServiceUnavailable")), judge(case(), model_error(500))]
    found = verdict(results)
    assert found.answer is Answer.FAILED
    assert found.reason.startswith("1 of 2 smoke cases failed: smoke[one row].expect.status")
    assert [finding.code for finding in found.findings] == ["SMOKE_NOT_ANSWERED", "SMOKE_STATUS"]


def test_one_failed_request_of_many_fails_its_case_and_is_told_once() -> None:
    found = verdict([judge(case(), GOOD), *[judge(case(), model_error(500))] * 3, judge(case(), GOOD)])
    assert found.answer is Answer.FAILED
    assert found.reason.startswith("1 of 1 smoke cases failed")
    assert len(found.findings) == 1
    assert found.facts["cases"][0]["requests"] == 5
    assert found.facts["cases"][0]["request_id"] == "r-2"


def test_a_case_that_could_not_be_asked_leaves_the_answer_open() -> None:
    found = verdict([judge(case(), GOOD), judge(case(), Answered(0, error="ServiceUnavailable"))])
    assert found.answer is Answer.INCONCLUSIVE
    assert "could not be judged" in found.reason


@given(st.binary(), st.integers(0, 599), st.text(), st.text())
def test_no_answer_whatever_makes_the_judge_raise(body: bytes, status: int, error: str, message: str) -> None:
    answered = Answered(status, body, error=error, message=message)
    smoke = case(json={"a": [1, None, "x"]}, contains="a", max_latency_ms=1)
    found = verdict([judge(smoke, answered)])
    assert found.answer in (Answer.FAILED, Answer.INCONCLUSIVE)
    assert all(len(finding.message) < 2500 for finding in found.findings)
    json.dumps(found.facts)

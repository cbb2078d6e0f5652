"""What every handler is wrapped in."""

import io
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from slipway import step as wrapping
from slipway.errors import UnavailableError, UnreadableError
from slipway.release.phases import Phase
from slipway.release.release import Kind, Release
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.steps.work import Work
from tests.fakes.tools import FakeTools

RELEASE = Release("r1", Kind.RELEASE, "churn", "execution-1", "o1", "2026-01-05T12:00:00+00:00")
EVENT = {
    "schema": 1,
    "state": "Create the Model",
    "execution": "execution-1",
    "release": "r1",
    "round": 0,
    "trouble": "",
}


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    fakes = FakeTools()
    fakes.ledger.open(RELEASE)
    monkeypatch.setattr(wrapping, "tools", lambda: fakes)
    return fakes


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.setattr(wrapping.logger.registered_handler, "stream", written)
    return written


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_a_verdict_goes_to_the_machine_and_to_the_ledger(tools: FakeTools) -> None:
    handler = wrapping.step(lambda work: Verdict(Answer.CREATED, "made", facts={"model": "m"}, route={"more": 1}))
    answer = handler(EVENT, None)
    assert answer == {"schema": 1, "answer": "created", "reason": "made", "more": 1}
    assert tools.ledger.release("r1").fact(Phase.CREATE_MODEL, "model") == "m"


def test_the_release_stands_in_every_line_of_the_log(tools: FakeTools, log: io.StringIO) -> None:
    def action(work: Work) -> Verdict:
        wrapping.logger.info("in the middle")
        return Verdict(Answer.CREATED)

    wrapping.step(action)(EVENT, None)
    logged = lines(log.getvalue())
    assert [line["message"] for line in logged] == ["in the middle", "Create the Model: created"]
    assert {(line["release"], line["state"]) for line in logged} == {("r1", "Create the Model")}


def test_an_answer_is_counted_as_a_metric_of_its_state(tools: FakeTools, capsys: pytest.CaptureFixture[str]) -> None:
    wrapping.step(lambda work: Verdict(Answer.CREATED))(EVENT, None)
    (metric,) = [line for line in lines(capsys.readouterr().out) if "_aws" in line]
    assert (metric["created"], metric["state"]) == ([1.0], "Create the Model")


def test_what_nobody_foresaw_is_logged_with_its_release_and_raised(tools: FakeTools, log: io.StringIO) -> None:
    def action(work: Work) -> Verdict:
        raise ZeroDivisionError("unforeseen thing")

    with pytest.raises(ZeroDivisionError):
        wrapping.step(action)(EVENT, None)
    (line,) = [line for line in lines(log.getvalue()) if line["level"] == "ERROR"]
    assert line["release"] == "r1"
    assert "unforeseen thing" in line["exception"]


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "CreateModel")
FAILING = ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "GetObject")
FULL = ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "full"}}, "PutItem")
CUT = EndpointConnectionError(endpoint_url="https://api.sagemaker")


@pytest.mark.parametrize("error", [THROTTLED, FAILING, FULL, CUT], ids=["throttled", "failing", "full", "cut off"])
def test_a_service_without_an_answer_for_now_is_named_as_the_machine_retries_it(
    tools: FakeTools, log: io.StringIO, error: Exception
) -> None:
    def action(work: Work) -> Verdict:
        raise error

    with pytest.raises(UnavailableError, match=re.escape(str(error))):
        wrapping.step(action)(EVENT, None)


def test_a_refusal_that_nobody_foresaw_is_not_retried(tools: FakeTools, log: io.StringIO) -> None:
    def action(work: Work) -> Verdict:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "CreateModel")

    with pytest.raises(ClientError):
        wrapping.step(action)(EVENT, None)


def test_a_waiting_step_says_so_and_concludes_nothing(tools: FakeTools) -> None:
    assert wrapping.step(lambda work: None)(EVENT, None) == {"schema": 1, "waiting": True}
    assert tools.ledger.release("r1").answer(Phase.CREATE_MODEL) is None


def test_an_answer_to_a_token_is_delivered_after_it_stands_in_the_ledger(tools: FakeTools) -> None:
    tools.executions.wait("a-token")
    event = {**EVENT, "state": "Wait for a Turn", "token": "a-token"}
    wrapping.step(lambda work: Verdict(Answer.OURS))(event, None)
    ((token, output),) = tools.executions.signals
    assert (token, output["answer"]) == ("a-token", "ours")
    assert tools.ledger.release("r1").answer(Phase.WAIT_FOR_TURN) is Answer.OURS


def test_a_warm_up_touches_no_release(tools: FakeTools) -> None:
    def action(work: Work) -> Verdict:
        raise AssertionError("a warm-up reached the step")

    assert wrapping.step(action)({"warm": True}, None) == {"warm": True}


def test_a_payload_of_another_schema_is_refused(tools: FakeTools) -> None:
    with pytest.raises(UnreadableError, match="schema 2"):
        wrapping.step(lambda work: None)({**EVENT, "schema": 2}, None)


def test_a_payload_without_a_state_is_refused(tools: FakeTools) -> None:
    with pytest.raises(UnreadableError):
        wrapping.step(lambda work: None)({"schema": 1}, None)


def test_a_refusal_names_its_first_finding_and_counts_the_rest() -> None:
    verdict = refused(Finding("A", "first.", "Do a."), Finding("B", "second.", "Do b."))
    assert verdict.reason == "first. Do a. (and 1 more)"
    assert len(verdict.findings) == 2

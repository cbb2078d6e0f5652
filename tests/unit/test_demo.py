"""The demo's own judgement: it must not call a bad ending good."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from examples.demo_acts import ACTS, Act, judge
from examples.demo_traffic import Tally, Traffic
from slipway.release.release import Kind, Release
from slipway.release.verdicts import Outcome

LIVE, ERRORS_ALLOWED = ACTS[1], ACTS[3]
GOOD = Tally(sent=10, right=9, wrong=1)


def ended(outcome: Outcome) -> Release:
    return Release("r1", Kind.RELEASE, "churn", "execution-1", "o1", "2026-01-05T12:00:00+00:00", outcome=outcome)


class Client:
    """Answers requests in turn: a label, or an error to raise."""

    def __init__(self, *answers: str | Exception) -> None:
        self._answers = list(answers)

    def invoke_endpoint(self, **_: Any) -> dict[str, Any]:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"Body": Body(answer)}


class Body:
    def __init__(self, label: str) -> None:
        self._label = label

    def read(self) -> bytes:
        return json.dumps([{"label": self._label}]).encode()


def test_an_ending_as_expected_has_no_faults() -> None:
    assert judge(LIVE, ended(Outcome.LIVE), GOOD).faults == []


@pytest.mark.parametrize(
    ("act", "outcome", "seen"),
    [
        (LIVE, Outcome.ROLLED_BACK, GOOD),
        (LIVE, Outcome.LIVE, Tally(sent=10, right=9, lost=1)),
        (LIVE, Outcome.LIVE, Tally(sent=10, right=9, failed=1)),
        (LIVE, Outcome.LIVE, Tally()),
        (ERRORS_ALLOWED, Outcome.ROLLED_BACK, Tally(sent=10, right=9, lost=1)),
    ],
)
def test_another_outcome_or_a_lost_request_is_a_fault(act: Act, outcome: Outcome, seen: Tally) -> None:
    assert len(judge(act, ended(outcome), seen).faults) == 1


def test_the_errors_of_a_model_that_fails_under_traffic_are_expected() -> None:
    assert judge(ERRORS_ALLOWED, ended(Outcome.ROLLED_BACK), Tally(sent=10, right=9, failed=1)).faults == []


def test_every_answer_is_counted_as_what_it_is(tmp_path: Path) -> None:
    rows = tmp_path / "traffic.json"
    rows.write_text(json.dumps({"requests": [[[1.0]]] * 5, "truth": ["benign"] * 5}))
    answers = (
        "benign",
        "malignant",
        ClientError({"Error": {"Code": "ModelError"}}, "InvokeEndpoint"),
        ClientError({"Error": {"Code": "ServiceUnavailable"}}, "InvokeEndpoint"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1"),
    )
    traffic = Traffic([], "churn", rows)
    client = Client(*answers)
    for _ in answers:
        traffic.send(client)
    assert traffic.tally() == Tally(sent=5, right=1, wrong=1, failed=1, lost=2)
    assert traffic.tally().since(Tally(sent=4, lost=1)) == Tally(sent=1, right=1, wrong=1, failed=1, lost=1)

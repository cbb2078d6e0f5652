"""On the real MiniStack the machine takes the ways that it takes in the tests' interpreter, and ends in the same words.

Its JSONata TimeoutSeconds are replaced by a number first: bare MiniStack does not evaluate them.
"""

import json
from collections.abc import Iterator

import pytest

from slipway.release.verdicts import Answer, Outcome
from tests.statemachine.failures import TIMEOUT, Raises
from tests.statemachine.ministack_cloud import Cloud, ministack
from tests.statemachine.runner import Run, run
from tests.statemachine.scripts import (
    APPROVAL,
    ASKED,
    BACK,
    BAKING,
    CHECK,
    CLOSE,
    ENDPOINT,
    FINAL,
    HELD,
    IN_SERVICE,
    LOOK,
    READ,
    SERVE,
    SMOKE,
    TURN,
    UNDO,
    VERIFY,
    VETO,
    WATCH,
    Changes,
    closed,
    reads,
    says,
    script,
)

CRASH = Raises("Runtime.HandlerError", "'EndpointStatus'")
CASES: dict[str, Changes] = {
    "live": {},
    "signalled": {TURN: [LOOK, says(Answer.OURS)], SERVE: [LOOK, BAKING], WATCH: [LOOK, says(Answer.QUIET)]},
    "timed-out": {TURN: [TIMEOUT, says(Answer.OURS)], WATCH: [TIMEOUT, says(Answer.QUIET)]},
    "nothing": {READ: [reads(Answer.NOTHING)]},
    "rejected": {VERIFY: [says(Answer.REFUSED)], CLOSE: [closed(Outcome.REJECTED)]},
    "superseded": {TURN: [says(Answer.SUPERSEDED)], CLOSE: [closed(Outcome.SUPERSEDED)]},
    "anew": {ENDPOINT: [says(Answer.REMOVING), says(Answer.STARTED)], SERVE: [says(Answer.GONE), IN_SERVICE]},
    "vetoed": {SERVE: [BAKING], SMOKE: [CRASH], CLOSE: [closed(Outcome.ROLLED_BACK)]},
    "too-late": {
        SERVE: [BAKING],
        WATCH: [says(Answer.RINGING)],
        BACK: [says(Answer.IN_SERVICE), says(Answer.GONE)],
        CLOSE: [closed(Outcome.ROLLED_BACK)],
    },
    "approved": {
        CHECK: [ASKED],
        APPROVAL: [LOOK, says(Answer.APPROVED)],
        WATCH: [HELD],
        FINAL: [TIMEOUT, says(Answer.APPROVED)],
    },
    "recovered": {READ: [reads(Answer.RECOVER)], UNDO: [says(Answer.FORWARD_ONLY)]},
    "unread": {READ: [CRASH], CLOSE: [closed(Outcome.NEEDS_HUMAN)]},
    "twice": {SERVE: [BAKING], SMOKE: [CRASH], VETO: [CRASH], CLOSE: [closed(Outcome.NEEDS_HUMAN)]},
    "unclosed": {VERIFY: [CRASH], CLOSE: [CRASH]},
    "no-answer": {VERIFY: [{"reason": "an answer is missing"}], CLOSE: [closed(Outcome.NEEDS_HUMAN)]},
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Start MiniStack alone, with the machine on it."""
    with ministack(tmp_path_factory.mktemp("ministack")) as started:
        started.deploy()
        yield started


@pytest.fixture(scope="module")
def executions(cloud: Cloud) -> dict[str, str]:
    """Start all cases at once: they wait for each other's timeouts in parallel."""
    return {name: cloud.start(name, changes) for name, changes in CASES.items()}


def expected(name: str) -> Run:
    """Run the case in the tests' interpreter."""
    return run(script(CASES[name]))


@pytest.mark.parametrize("name", CASES)
def test_the_machine_takes_the_same_way_on_ministack(name: str, cloud: Cloud, executions: dict[str, str]) -> None:
    found, wanted = cloud.ended(executions[name]), expected(name)

    assert cloud.visited(executions[name]) == wanted.visited
    assert found["status"] == ("FAILED" if wanted.error else "SUCCEEDED")
    assert found.get("error", "") == wanted.error


@pytest.mark.parametrize("name", [name for name in CASES if not expected(name).error])
def test_a_success_has_the_same_output_on_ministack(name: str, cloud: Cloud, executions: dict[str, str]) -> None:
    assert json.loads(cloud.ended(executions[name])["output"]) == expected(name).output


@pytest.mark.parametrize("name", ["rejected", "vetoed", "too-late"])
def test_a_failure_has_the_same_cause_on_ministack(name: str, cloud: Cloud, executions: dict[str, str]) -> None:
    assert cloud.ended(executions[name])["cause"] == expected(name).cause


def test_a_close_that_crashes_leaves_every_trouble_in_the_cause(cloud: Cloud, executions: dict[str, str]) -> None:
    cause = cloud.ended(executions["unclosed"])["cause"]

    assert cause.startswith("Verify the Artifact: Runtime.HandlerError: ")
    assert " | Close the Release: Runtime.HandlerError: " in cause
    assert "EndpointStatus" in cause


def test_functions_are_given_the_same_payloads_on_ministack(cloud: Cloud, executions: dict[str, str]) -> None:
    cloud.ended(executions["timed-out"])
    found = [payload | {"execution": "", "started": "", "token": ""} for payload in cloud.payloads("timed-out")]
    wanted = [payload | {"execution": "", "started": "", "token": ""} for _, payload in expected("timed-out").calls]

    assert found == wanted


def test_a_waiting_function_is_given_a_token_of_its_own(cloud: Cloud, executions: dict[str, str]) -> None:
    cloud.ended(executions["timed-out"])
    tokens = [payload["token"] for payload in cloud.payloads("timed-out") if "token" in payload]

    assert len(tokens) == len(set(tokens)) == 5

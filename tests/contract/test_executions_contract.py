"""Executions: what the fake and Step Functions (by moto, which runs nothing) both keep to."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from slipway.aws.executions import StepFunctionsExecutions
from slipway.exchanges import Life
from slipway.ports import Executions
from tests.fakes.canned import canned
from tests.fakes.executions import FakeExecutions

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:release"
ROLE = "arn:aws:iam::123456789012:role/machine"
EVENT = {"detail": {"kind": "recover", "release": "r1"}}


@dataclass(frozen=True)
class Side:
    """One implementation, with what tells one execution's handle from its name, and what ends it."""

    executions: Executions
    handle: Callable[[str], str]
    end: Callable[[str], None]


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client("stepfunctions", region_name="us-east-1")


@pytest.fixture
def states(client: Any) -> Iterator[Any]:
    with mock_aws():
        definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
        client.create_state_machine(name="release", definition=definition, roleArn=ROLE)
        yield client


@pytest.fixture(params=["fake", "moto"])
def side(request: pytest.FixtureRequest) -> Side:
    if request.param == "fake":
        fake = FakeExecutions()
        return Side(fake, lambda name: name, fake.end)
    client = request.getfixturevalue("states")
    return Side(
        StepFunctionsExecutions(client, MACHINE), _arn, lambda name: client.stop_execution(executionArn=_arn(name))
    )


def _arn(name: str) -> str:
    return f"{MACHINE.replace('stateMachine', 'execution')}:{name}"


class TestExecutions:
    def test_a_started_execution_runs_until_it_ends(self, side: Side) -> None:
        assert side.executions.start("recover-1", EVENT)
        assert side.executions.life(side.handle("recover-1")) is Life.RUNNING
        side.end("recover-1")
        assert side.executions.life(side.handle("recover-1")) is Life.ENDED

    def test_an_execution_that_nobody_knows_has_ended(self, side: Side) -> None:
        assert side.executions.life(side.handle("never")) is Life.ENDED

    def test_the_same_start_again_succeeds_while_it_runs(self, side: Side) -> None:
        assert side.executions.start("recover-1", EVENT)
        assert side.executions.start("recover-1", EVENT)

    def test_a_name_that_runs_with_another_event_is_used(self, side: Side) -> None:
        side.executions.start("recover-1", EVENT)
        assert not side.executions.start("recover-1", {})

    def test_a_name_whose_execution_has_ended_is_used(self, side: Side) -> None:
        side.executions.start("recover-1", EVENT)
        side.end("recover-1")
        assert not side.executions.start("recover-1", EVENT)


class TestSignals:
    """moto takes every signal, so Step Functions' refusals are canned."""

    def test_one_that_is_waited_for_is_delivered(self, client: Any) -> None:
        with canned(client) as aws:
            aws.say(200, {})
            assert StepFunctionsExecutions(client, MACHINE).signal("token", {"answer": "look"})
        assert json.loads(aws.requests[0].body) == {"taskToken": "token", "output": '{"answer": "look"}'}

    @pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
    def test_one_that_nobody_waits_for_is_told(self, client: Any, code: str) -> None:
        with canned(client) as aws:
            aws.refuse(code, "Task Timed Out")
            assert not StepFunctionsExecutions(client, MACHINE).signal("token", {})

    def test_one_that_is_denied_raises(self, client: Any) -> None:
        with canned(client) as aws, pytest.raises(ClientError, match="AccessDeniedException"):
            aws.refuse("AccessDeniedException", "no")
            StepFunctionsExecutions(client, MACHINE).signal("token", {})

    def test_the_fake_delivers_to_each_who_waits_once(self) -> None:
        executions = FakeExecutions()
        executions.wait("token")
        assert executions.signal("token", {"answer": "look"})
        assert not executions.signal("token", {"answer": "look"})
        assert executions.outputs("token") == [{"answer": "look"}]

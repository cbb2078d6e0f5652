"""Step Functions, where MiniStack alone is falsely green: errors, tokens, limits and JSONata, through boto3."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack_kit import Kit, eventually

pytestmark = pytest.mark.cloud

RAISES = "def lambda_handler(event, context):\n    raise ValueError('broken')\n"
ECHOES = "def lambda_handler(event, context):\n    print('here')\n    return event\n"
KEEPS_TOKEN = """
def lambda_handler(event, context):
    with open(event["file"], "a") as file:
        file.write(event["token"] + "\\n")
"""
DONE = {"Type": "Pass", "Output": {"caught": "{% $states.input %}"}, "End": True}
ERROR_NAME = "{% $states.errorOutput.Error %}"


def task(function: str, payload: Any, waits: bool = False, **more: Any) -> dict[str, Any]:
    suffix = ".waitForTaskToken" if waits else ""
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::lambda:invoke{suffix}",
        "Arguments": {"FunctionName": function, "Payload": payload},
        **({} if "Next" in more else {"End": True}),
        **more,
    }


def caught(*errors: str) -> dict[str, Any]:
    return {"Catch": [{"ErrorEquals": list(errors), "Output": ERROR_NAME, "Next": "Caught"}]}


class Waiting:
    """A machine with one state that waits for a token, which a function writes to a file."""

    def __init__(self, kit: Kit, folder: Path, **more: Any) -> None:
        self.kit, self.file = kit, folder / "tokens"
        payload = {"token": "{% $states.context.Task.Token %}", "file": str(self.file)}
        states = {"Wait": task(kit.function(KEEPS_TOKEN), payload, waits=True, **more), "Caught": DONE}
        self.execution = kit.start(kit.machine(states), {"minutes": 1})

    def token(self, number: int = 0) -> str:
        def look() -> list[str]:
            tokens = self.file.read_text().split() if self.file.exists() else []
            return tokens[number : number + 1]

        return eventually(look)[0]

    def answer(self, token: str) -> None:
        self.kit.client("stepfunctions").send_task_success(taskToken=token, output='"yes"')

    def refusal(self, token: str) -> str:
        with pytest.raises(ClientError) as refused:
            self.answer(token)
        return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize("errors", ["States.ALL", "States.TaskFailed", "ValueError"])
def test_a_function_that_raises_while_a_token_is_awaited_fails_the_task_at_once(kit: Kit, errors: str) -> None:
    token = {"token": "{% $states.context.Task.Token %}"}
    states = {"Wait": task(kit.function(RAISES), token, True, TimeoutSeconds=3600, **caught(errors)), "Caught": DONE}
    found = kit.run(kit.machine(states))
    assert json.loads(found["output"]) == {"caught": "ValueError"}


def test_a_token_is_answered_once(kit: Kit, tmp_path: Path) -> None:
    waiting = Waiting(kit, tmp_path)
    waiting.answer(waiting.token())
    assert waiting.refusal(waiting.token()) == "TaskTimedOut"
    assert json.loads(kit.finish(waiting.execution)["output"]) == "yes"


def test_every_attempt_has_a_token_of_its_own(kit: Kit, tmp_path: Path) -> None:
    waiting = Waiting(kit, tmp_path, Retry=[{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 1}])
    first = waiting.token()
    kit.client("stepfunctions").send_task_failure(taskToken=first, error="Again", cause="once more")
    second = waiting.token(1)
    assert second != first
    assert waiting.refusal(first) == "TaskTimedOut"
    waiting.answer(second)
    assert kit.finish(waiting.execution)["status"] == "SUCCEEDED"


def test_an_invented_token_is_no_token(kit: Kit, tmp_path: Path) -> None:
    waiting = Waiting(kit, tmp_path)
    assert waiting.refusal("A" * 100) == "InvalidToken"
    waiting.answer(waiting.token())


def test_the_token_of_an_aborted_execution_is_dead(kit: Kit, tmp_path: Path) -> None:
    waiting = Waiting(kit, tmp_path)
    token = waiting.token()
    kit.client("stepfunctions").stop_execution(executionArn=waiting.execution)
    assert waiting.refusal(token) == "TaskTimedOut"
    time.sleep(0.1)
    assert kit.describe(waiting.execution)["status"] == "ABORTED"


def test_a_timeout_may_be_an_expression_and_is_scaled(kit: Kit, tmp_path: Path) -> None:
    began = time.monotonic()
    seconds = "{% $states.input.minutes * 60 %}"
    waiting = Waiting(kit, tmp_path, TimeoutSeconds=seconds, **caught("States.Timeout"))
    found = kit.finish(waiting.execution)
    assert json.loads(found["output"]) == {"caught": "States.Timeout"}
    assert 1 <= time.monotonic() - began < 5
    assert waiting.refusal(waiting.token()) == "TaskTimedOut"


def test_an_execution_has_its_time_limit_and_tells_of_it(kit: Kit, tmp_path: Path) -> None:
    heard = kit.listen({"source": ["aws.states"], "detail": {"status": ["TIMED_OUT"]}})
    keeps_token = kit.function(KEEPS_TOKEN)
    early = json.dumps({"token": "", "file": str(tmp_path / "early")})
    kit.client("lambda").invoke(FunctionName=keeps_token, Payload=early)  # it runs: 90 seconds are 1.5 here
    payload = {"token": "{% $states.context.Task.Token %}", "file": str(tmp_path / "tokens")}
    machine = kit.machine({"Wait": task(keeps_token, payload, True)}, TimeoutSeconds=90)
    execution = kit.start(machine)
    assert kit.finish(execution)["status"] == "TIMED_OUT"
    event = eventually(heard)[0]
    assert event["detail-type"] == "Step Functions Execution Status Change"
    assert event["detail"]["executionArn"] == execution
    with pytest.raises(ClientError, match="TaskTimedOut"):
        token = (tmp_path / "tokens").read_text().strip()
        kit.client("stepfunctions").send_task_success(taskToken=token, output="1")


def test_a_wait_is_scaled(kit: Kit) -> None:
    began = time.monotonic()
    kit.run(kit.machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}))
    assert 1 <= time.monotonic() - began < 3


def test_the_end_of_an_execution_is_told(kit: Kit) -> None:
    heard = kit.listen({"source": ["aws.states"], "detail": {"status": ["FAILED"]}})
    execution = kit.start(kit.machine({"No": {"Type": "Fail", "Error": "REJECTED", "Cause": "because"}}))
    detail = eventually(heard)[0]["detail"]
    assert (detail["executionArn"], detail["error"], detail["cause"]) == (execution, "REJECTED", "because")


def test_starting_the_same_execution_again_is_harmless_while_it_runs(kit: Kit) -> None:
    machine = kit.machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    first = kit.start(machine, {"a": 1}, name="same")
    assert kit.start(machine, {"a": 1}, name="same") == first
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        kit.start(machine, {"a": 2}, name="same")
    kit.finish(first)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        kit.start(machine, {"a": 1}, name="same")


def test_a_runtime_error_is_caught_only_by_its_name(kit: Kit) -> None:
    broken = {**task(kit.function(ECHOES), {}), "Resource": "arn:aws:states:::nothing:here"}
    found = kit.run(kit.machine({"Call": {**broken, **caught("States.ALL")}, "Caught": DONE}))
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    found = kit.run(kit.machine({"Call": {**broken, **caught("States.Runtime")}, "Caught": DONE}))
    assert found["status"] == "SUCCEEDED"


def test_variables_are_assigned_by_task_choice_default_and_catcher(kit: Kit) -> None:
    echo = kit.function(ECHOES)
    states = {
        "Call": task(echo, {"n": 1}, Assign={"called": "{% $states.result.Payload.n %}"}, Next="Is it one?"),
        "Is it one?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $called = 1 %}", "Assign": {"chosen": "yes"}, "Next": "Is it two?"}],
            "Default": "Fails",
        },
        "Is it two?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $called = 2 %}", "Next": "Done"}],
            "Default": "Fails",
            "Assign": {"fell": "{% $chosen & '!' %}"},
        },
        "Fails": task(
            kit.function(RAISES),
            {},
            Catch=[
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"why": ERROR_NAME, "cause": "{% $states.errorOutput.Cause %}"},
                    "Next": "Done",
                }
            ],
        ),
        "Done": {
            "Type": "Succeed",
            "Output": "{% {'called': $called, 'chosen': $chosen, 'fell': $fell, 'why': $why, 'cause': $cause} %}",
        },
    }
    output = json.loads(kit.run(kit.machine(states))["output"])
    assert json.loads(output.pop("cause"))["errorMessage"] == "broken"
    assert output == {"called": 1, "chosen": "yes", "fell": "yes!", "why": "ValueError"}


def test_assignments_of_one_state_do_not_see_each_other(kit: Kit) -> None:
    states = {
        "First": {"Type": "Pass", "Assign": {"round": 1}, "Next": "Second"},
        "Second": {"Type": "Pass", "Assign": {"round": "{% $round + 1 %}", "before": "{% $round %}"}, "Next": "Done"},
        "Done": {"Type": "Succeed", "Output": "{% [$round, $before] %}"},
    }
    assert json.loads(kit.run(kit.machine(states))["output"]) == [2, 1]


def test_a_function_may_answer_its_own_token(kit: Kit) -> None:
    source = """
import boto3
def lambda_handler(event, context):
    boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='{"own": true}')
"""
    waits = task(kit.function(source), {"token": "{% $states.context.Task.Token %}"}, True, TimeoutSeconds=300)
    assert json.loads(kit.run(kit.machine({"Wait": waits}))["output"]) == {"own": True}

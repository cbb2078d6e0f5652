"""Executions: their time limit, their names, and answers to the tokens of their tasks."""
# ruff: noqa: SLF001 - executions are walked by MiniStack

import contextvars
import json
import threading
from functools import partial
from typing import Any

from ministack.core.responses import error_response_json, json_response, now_iso
from ministack.services import stepfunctions as states

from drydock.ministack.step_functions.clock import scaled_timeout
from drydock.ministack.step_functions.tokens import (
    ExecutionOverError,
    Failure,
    SpentTokenError,
    Success,
    Tokens,
    UnknownTokenError,
)
from drydock.ministack.tenant import act_as

Request = dict[str, Any]

_run_execution = states._run_execution
_fail_execution = states._fail_execution
_start_execution = states._start_execution
_stop_execution = states._stop_execution
_answers = (states._send_task_success, states._send_task_failure, states._send_task_heartbeat)


def mend(tokens: Tokens, scale: float) -> "Executions":
    """Replace what starts, runs and ends executions, and what answers tokens."""
    executions = Executions(tokens, scale)
    states._run_execution = executions.run
    states._fail_execution = fail_execution
    states._start_execution = start_execution
    states._stop_execution = executions.stop
    states._send_task_success = executions.send_success
    states._send_task_failure = executions.send_failure
    states._send_task_heartbeat = executions.send_heartbeat
    return executions


def start_execution(request: Request) -> Any:
    """Start an execution; one that runs already under this name with this input is the answer to a repeated call."""
    answer = _start_execution(request)
    if answer[0] < 400 or b"ExecutionAlreadyExists" not in answer[2]:
        return answer
    name = str(request.get("name"))
    machine = states._resolve_state_machine_arn(request.get("stateMachineArn", ""))
    for execution in states._executions.values():
        same = (execution["name"], execution["stateMachineArn"]) == (name, machine)
        if same and execution["status"] == "RUNNING" and execution["input"] == request.get("input", "{}"):
            return json_response({"executionArn": execution["executionArn"], "startDate": execution["startDate"]})
    return answer


def fail_execution(execution: Request, error: str, cause: str) -> None:
    """Fail an execution unless it has ended already."""
    if execution["status"] == "RUNNING":
        _fail_execution(execution, error, cause)


class Executions:
    """Runs executions within their limits."""

    def __init__(self, tokens: Tokens, scale: float) -> None:
        """Take the tokens of waiting tasks and how much faster than AWS time runs here."""
        self._tokens = tokens
        self._scale = scale

    def run(self, arn: str) -> None:
        """Walk an execution to its end, or to its time limit."""
        execution = states._executions.get(arn)
        limit = self._limit(execution) if execution else None
        timer = threading.Timer(limit or 0, contextvars.copy_context().run, [self._time_out, execution])
        timer.daemon = True
        if limit is not None:
            timer.start()
        try:
            _run_execution(arn)
        except ExecutionOverError:
            pass
        finally:
            timer.cancel()

    def _limit(self, execution: Request) -> float | None:
        machine = states._state_machines.get(execution["stateMachineArn"]) or {}
        try:
            seconds = json.loads(machine.get("definition", "{}")).get("TimeoutSeconds")
        except ValueError:
            return None
        return None if seconds is None else scaled_timeout(float(seconds), self._scale)

    def _time_out(self, execution: Request) -> None:
        if execution["status"] != "RUNNING":
            return
        execution["status"] = "TIMED_OUT"
        execution["stopDate"] = now_iso()
        states._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        states._emit_execution_status_event(execution)
        self._tokens.end(execution["executionArn"])

    def stop(self, request: Request) -> Any:
        """Abort an execution and wake its waiting tasks."""
        answer = _stop_execution(request)
        execution = states._executions.get(request.get("executionArn"))
        if execution and execution["status"] != "RUNNING":
            self._tokens.end(execution["executionArn"])
        return answer

    def stop_all(self) -> None:
        """End every running execution without a word, as a machine that is switched off does."""
        for execution in states._executions.all_values():
            if execution["status"] == "RUNNING":
                execution["status"] = "ABORTED"
                self._tokens.end(execution["executionArn"])

    @staticmethod
    def tell_of_stopped() -> None:
        """Tell EventBridge of the executions that `stop_all` ended in an earlier life."""
        for (account, region, _), execution in states._executions.all_items():
            if execution["status"] == "ABORTED" and execution["stopDate"] is None:
                execution["stopDate"] = now_iso()
                states._add_event(execution, "ExecutionAborted", {"executionAbortedEventDetails": {}})
                act_as(account, region, partial(states._emit_execution_status_event, execution))

    def send_success(self, request: Request) -> Any:
        """Answer a token with an output (SendTaskSuccess)."""
        if request.get("taskToken") in states._task_tokens:
            return _answers[0](request)
        try:
            output = json.loads(request.get("output") or "")
        except ValueError:
            return error_response_json("InvalidOutput", "Invalid Output: 'Invalid JSON'", 400)
        return self._answer(request, Success(output))

    def send_failure(self, request: Request) -> Any:
        """Answer a token with an error (SendTaskFailure)."""
        if request.get("taskToken") in states._task_tokens:
            return _answers[1](request)
        return self._answer(request, Failure(request.get("error") or "", request.get("cause") or ""))

    def send_heartbeat(self, request: Request) -> Any:
        """Accept a heartbeat for a token that still waits (SendTaskHeartbeat)."""
        if request.get("taskToken") in states._task_tokens:
            return _answers[2](request)
        return self._answer(request, None)

    def _answer(self, request: Request, answer: Success | Failure | None) -> Any:
        token = str(request.get("taskToken", ""))
        try:
            if answer is None:
                self._tokens.check(token)
            else:
                self._tokens.answer(token, answer)
        except SpentTokenError:
            return error_response_json("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400)
        except UnknownTokenError:
            return error_response_json("InvalidToken", "Invalid Token: 'Invalid token'", 400)
        return json_response({})

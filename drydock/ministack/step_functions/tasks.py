"""The Task state: attempts, retries, catchers, and the wait for a token."""
# ruff: noqa: SLF001 - input and output processing stay MiniStack's

import json
import random
from collections import Counter
from typing import Any

from ministack.services import stepfunctions as states

from drydock.ministack.step_functions.clock import scaled_timeout
from drydock.ministack.step_functions.tokens import ExecutionOverError, Failure, Tokens, TokenTimedOutError

State = dict[str, Any]

_CALLBACK = ".waitForTaskToken"
_UNCATCHABLE = frozenset({"States.Runtime", "States.DataLimitExceeded"})

_error_matches = states._error_matches


def mend(tokens: Tokens, scale: float) -> None:
    """Replace the Task state and the way errors are matched."""
    states._execute_task = Tasks(tokens, scale).execute
    states._error_matches = error_matches


def error_matches(names: list[str], error: str) -> bool:
    """Whether an ErrorEquals covers an error; States.ALL covers neither States.Runtime nor DataLimitExceeded."""
    if error in _UNCATCHABLE:
        return error in names
    return bool(_error_matches(names, error))


def retry_delay(retrier: State, count: int, draw: float) -> float:
    """How long to wait before a retry, in seconds of AWS's time.

    Args:
        retrier: the element of Retry that matched.
        count: how often it was used already.
        draw: a random number from 0 to 1 for full jitter.
    """
    delay = float(retrier.get("IntervalSeconds", 1)) * float(retrier.get("BackoffRate", 2.0)) ** count
    delay = min(delay, float(retrier.get("MaxDelaySeconds", delay)))
    return delay * draw if retrier.get("JitterStrategy") == "FULL" else delay


class Tasks:
    """Executes Task states."""

    def __init__(self, tokens: Tokens, scale: float) -> None:
        """Take the tokens of waiting tasks and how much faster than AWS time runs here."""
        self._tokens = tokens
        self._scale = scale

    def execute(self, state: State, raw_input: Any, execution: State, context: State) -> tuple[Any, str | None]:
        """Attempt a task until it succeeds, or no retry is left; then look for a catcher.

        Returns:
            The state's output and the name of the next state.
        """
        used: Counter[int] = Counter()
        while True:
            context["State"]["RetryCount"] = used.total()
            try:
                return self._attempt(state, raw_input, execution, context)
            except states._ExecutionError as error:
                _leave_if_over(execution)
                details = {"error": error.error, "cause": error.cause, "resource": state.get("Resource", "")}
                states._add_event(execution, "TaskFailed", {"taskFailedEventDetails": details})
                retrier, index = states._find_matching_retrier(state.get("Retry", []), error.error, used)
                if retrier is None:
                    return _catch(state, raw_input, context, error)
                states._scaled_sleep(retry_delay(retrier, used[index], random.random()))  # noqa: S311
                used[index] += 1
                _leave_if_over(execution)

    def _attempt(self, state: State, raw_input: Any, execution: State, context: State) -> tuple[Any, str | None]:
        resource = state.get("Resource", "")
        waits = _CALLBACK in resource
        if waits:
            context["Task"] = {"Token": self._tokens.issue(execution["executionArn"])}
        try:
            arguments = _arguments(state, raw_input, context)
            seconds = _timeout(state, raw_input, context)
            details = {"resourceType": "lambda" if "lambda" in resource else "states", "resource": resource}
            states._add_event(execution, "TaskScheduled", {"taskScheduledEventDetails": details})
            if waits:
                result = self._call_and_wait(resource, arguments, context["Task"]["Token"], seconds)
            else:
                result = _call(resource, arguments, seconds)
        finally:
            if waits:
                self._tokens.spend(context["Task"]["Token"])
        _leave_if_over(execution)
        details = {"output": json.dumps(result), "resource": resource}
        states._add_event(execution, "TaskSucceeded", {"taskSucceededEventDetails": details})
        return _finish(state, raw_input, context, result)

    def _call_and_wait(self, resource: str, arguments: Any, token: str, seconds: float | None) -> Any:
        try:
            states._invoke_resource(resource.replace(_CALLBACK, ""), arguments)
        except states._ExecutionError:
            if not self._tokens.is_answered(token):
                raise
        try:
            answer = self._tokens.wait(token, None if seconds is None else scaled_timeout(seconds, self._scale))
        except TokenTimedOutError as error:
            raise states._ExecutionError("States.Timeout", "Task timed out waiting for callback") from error
        if isinstance(answer, Failure):
            raise states._ExecutionError(answer.error, answer.cause)
        return answer.output


def _call(resource: str, arguments: Any, seconds: float | None) -> Any:
    # An activity's time starts when a worker takes it, as in MiniStack.
    if seconds is None or ":activity:" in resource:
        return states._invoke_resource(resource, arguments)
    return states._invoke_resource_with_timeout(resource, arguments, seconds)


def _timeout(state: State, raw_input: Any, context: State) -> float | None:
    seconds = state.get("TimeoutSeconds")
    if isinstance(seconds, str):
        seconds = states._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, context)
    return None if seconds is None else float(seconds)


def _is_jsonata(state: State, context: State) -> bool:
    return bool(states._state_query_language(state, context) == "JSONata")


def _arguments(state: State, raw_input: Any, context: State) -> Any:
    if _is_jsonata(state, context):
        return states._apply_jsonata_arguments(state, raw_input, context)
    return states._apply_parameters(state, states._apply_input_path(state, raw_input, context), context)


def _finish(state: State, raw_input: Any, context: State, result: Any) -> tuple[Any, str | None]:
    if _is_jsonata(state, context):
        output = states._apply_jsonata_output(state, raw_input, context, result=result, default=result)
        states._apply_state_assign(state, raw_input, context, result=result)
    else:
        selected = states._apply_result_selector(state, result)
        output = states._apply_output_path(state, states._apply_result_path(state, raw_input, selected), context)
    return output, states._next_or_end(state)


def _catch(state: State, raw_input: Any, context: State, error: Any) -> tuple[Any, str]:
    catcher = states._find_matching_catcher(state.get("Catch", []), error.error)
    if catcher is None:
        raise error
    told = {"Error": error.error, "Cause": error.cause}
    language = states._state_query_language(state, context)
    return states._apply_catcher(catcher, raw_input, context, language, told), catcher["Next"]


def _leave_if_over(execution: State) -> None:
    if execution["status"] != "RUNNING":
        raise ExecutionOverError

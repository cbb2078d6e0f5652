"""Lambda mended: a Python function's exception is reported by its class name, a dead process as Runtime.ExitError.

MiniStack 1.5.33 calls both Runtime.HandlerError, so that no `ErrorEquals` that works on AWS ever matches.
"""
# ruff: noqa: SLF001 - the answer is made inside MiniStack

import re
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_execute_function_warm = lambda_svc._execute_function_warm
_DIED = ("Worker process died", "Worker returned no response")


def mend() -> None:
    """Give failed invocations the error types that AWS gives them."""
    lambda_svc._execute_function_warm = execute_function


def execute_function(function: dict[str, Any], event: Any, request_id: str) -> Any:
    """Invoke a function and name its error as the Lambda runtime does."""
    answer = _execute_function_warm(function, event, request_id)
    body = answer.get("body")
    if answer.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
        body["errorType"] = error_type(str(body.get("errorMessage", "")), str(answer.get("log", "")))
    return answer


def error_type(message: str, log: str) -> str:
    """Find the class of the exception that ended a function.

    Args:
        message: what the exception said.
        log: the function's log, the traceback at its end.
    """
    if message in _DIED:
        return "Runtime.ExitError"
    text = re.escape(message.split("\n", 1)[0])
    found = re.findall(rf"^(?:\w+\.)*(\w+){': ' + text if text else ''}$", log, flags=re.MULTILINE)
    return found[-1] if found else "Runtime.HandlerError"


def stop_workers() -> None:
    """End every Lambda worker and remove its files; blocks for up to two seconds."""
    lambda_runtime.reset()

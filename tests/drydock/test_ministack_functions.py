"""Lambda: a failed function is named as AWS names it."""

import json

import pytest
from ministack_kit import Kit

from drydock.ministack.functions import error_type

TRACEBACK = """Traceback (most recent call last):
  File "app.py", line 2, in lambda_handler
{}"""


@pytest.mark.parametrize(
    ("message", "last", "expected"),
    [
        ("broken", "ValueError: broken", "ValueError"),
        ("first\nsecond", "slipway.errors.SpecError: first\nsecond", "SpecError"),
        ("", "KeyboardInterrupt", "KeyboardInterrupt"),
        ("broken", "no traceback at all", "Runtime.HandlerError"),
    ],
)
def test_the_class_of_an_exception_is_found_in_the_traceback(message: str, last: str, expected: str) -> None:
    assert error_type(message, TRACEBACK.format(last)) == expected


@pytest.mark.cloud
@pytest.mark.parametrize(
    ("line", "expected"),
    [("raise KeyError('gone')", "KeyError"), ("import os; os._exit(1)", "Runtime.ExitError")],
)
def test_a_failed_function_is_named_as_aws_names_it(kit: Kit, line: str, expected: str) -> None:
    function = kit.function(f"def lambda_handler(event, context):\n    {line}\n")
    answer = kit.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    assert json.loads(answer["Payload"].read())["errorType"] == expected

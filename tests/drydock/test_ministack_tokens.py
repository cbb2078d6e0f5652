"""Task tokens by themselves: handed out once, answered once, dead with their execution; and how long a retry waits."""

import threading

import pytest

from drydock.ministack.step_functions.clock import scaled_timeout
from drydock.ministack.step_functions.tasks import retry_delay
from drydock.ministack.step_functions.tokens import (
    ExecutionOverError,
    Failure,
    SpentTokenError,
    Success,
    Tokens,
    TokenTimedOutError,
    UnknownTokenError,
)


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


def test_an_answer_that_comes_before_the_wait_is_not_lost(tokens: Tokens) -> None:
    token = tokens.issue("execution")
    tokens.answer(token, Success(1))
    assert tokens.wait(token, 0) == Success(1)


def test_the_first_answer_counts(tokens: Tokens) -> None:
    token = tokens.issue("execution")
    tokens.answer(token, Failure("Error", "cause"))
    with pytest.raises(SpentTokenError):
        tokens.answer(token, Success(1))
    assert tokens.wait(token, 0) == Failure("Error", "cause")


def test_an_answer_after_the_time_is_refused(tokens: Tokens) -> None:
    token = tokens.issue("execution")
    with pytest.raises(TokenTimedOutError):
        tokens.wait(token, 0)
    with pytest.raises(SpentTokenError):
        tokens.answer(token, Success(1))


def test_a_token_that_was_never_handed_out_is_unknown(tokens: Tokens) -> None:
    with pytest.raises(UnknownTokenError):
        tokens.check("invented")


def test_the_end_of_an_execution_wakes_its_waiting_tasks_only(tokens: Tokens) -> None:
    ended, other = tokens.issue("ended"), tokens.issue("other")
    threading.Timer(0.05, tokens.end, ["ended"]).start()
    with pytest.raises(ExecutionOverError):
        tokens.wait(ended, 5)
    with pytest.raises(ExecutionOverError):
        tokens.wait(ended, 5)
    tokens.check(other)


def test_no_two_tokens_are_the_same(tokens: Tokens) -> None:
    assert len({tokens.issue("execution") for _ in range(100)}) == 100


@pytest.mark.parametrize(("seconds", "scale", "expected"), [(600, 60, 10), (30, 60, 1), (0.5, 60, 0.5), (30, 1, 30)])
def test_a_timeout_is_scaled_down_to_a_floor(seconds: float, scale: float, expected: float) -> None:
    assert scaled_timeout(seconds, scale) == expected


def test_a_retry_backs_off_up_to_its_maximum_with_full_jitter() -> None:
    retrier = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 10}
    assert [retry_delay(retrier, count, 0.5) for count in range(4)] == [2, 4, 8, 10]
    assert retry_delay({**retrier, "JitterStrategy": "FULL"}, 1, 0.5) == 2

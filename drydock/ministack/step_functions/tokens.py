"""Task tokens: each is handed out once, for one attempt of one task, and answered once."""

import base64
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

_REMEMBERED = 10_000
"""Spent tokens that are told from invented ones."""


class ExecutionOverError(SystemExit):
    """The execution ended while one of its tasks was under way; ends the thread that walks it, quietly."""


@dataclass(frozen=True)
class Success:
    """SendTaskSuccess was called."""

    output: Any


@dataclass(frozen=True)
class Failure:
    """SendTaskFailure was called."""

    error: str
    cause: str


class TokenTimedOutError(Exception):
    """Nobody answered the token in time."""


class SpentTokenError(Exception):
    """The task of this token is over: answered, timed out, or its execution ended."""


class UnknownTokenError(Exception):
    """Nobody ever handed out this token."""


@dataclass
class _Waiting:
    execution: str
    over: threading.Event = field(default_factory=threading.Event)
    answer: Success | Failure | None = None


class Tokens:
    """All task tokens of the local cloud; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, _Waiting] = {}
        self._spent: OrderedDict[str, str] = OrderedDict()

    def issue(self, execution: str) -> str:
        """Hand out a token for a task of this execution (its ARN)."""
        token = base64.b64encode(os.urandom(192)).decode()
        with self._lock:
            self._open[token] = _Waiting(execution)
        return token

    def answer(self, token: str, answer: Success | Failure) -> None:
        """Answer a token; the first answer counts.

        Raises:
            SpentTokenError: the task is over.
            UnknownTokenError: the token is none.
        """
        with self._lock:
            waiting = self._find(token)
            if waiting.answer is not None:
                raise SpentTokenError
            waiting.answer = answer
            waiting.over.set()

    def check(self, token: str) -> None:
        """Say whether a token can still be answered; raises as `answer` does."""
        with self._lock:
            self._find(token)

    def is_answered(self, token: str) -> bool:
        """Whether the token has its answer already."""
        with self._lock:
            waiting = self._open.get(token)
            return waiting is not None and waiting.answer is not None

    def execution_of(self, token: str) -> str:
        """Give the ARN of the execution that a token belongs, or belonged, to; empty for an invented one."""
        with self._lock:
            waiting = self._open.get(token)
            return waiting.execution if waiting else self._spent.get(token, "")

    def wait(self, token: str, seconds: float | None) -> Success | Failure:
        """Wait for the answer and spend the token.

        Args:
            token: an issued token.
            seconds: how long to wait, real time; None for ever.

        Raises:
            TokenTimedOutError: no answer came.
            ExecutionOverError: the execution ended meanwhile.
        """
        with self._lock:
            waiting = self._open.get(token)
        if waiting is None:
            raise ExecutionOverError
        waiting.over.wait(seconds)
        self.spend(token)
        if waiting.answer is not None:
            return waiting.answer
        if waiting.over.is_set():
            raise ExecutionOverError
        raise TokenTimedOutError

    def spend(self, token: str) -> None:
        """Refuse every later answer to a token."""
        with self._lock:
            waiting = self._open.pop(token, None)
            if waiting is not None:
                self._remember(token, waiting)

    def end(self, execution: str) -> None:
        """Spend the tokens of an execution that ended, and wake its waiting tasks."""
        with self._lock:
            for token in [token for token, waiting in self._open.items() if waiting.execution == execution]:
                waiting = self._open.pop(token)
                waiting.over.set()
                self._remember(token, waiting)

    def _find(self, token: str) -> _Waiting:
        waiting = self._open.get(token)
        if waiting is not None:
            return waiting
        raise SpentTokenError if token in self._spent else UnknownTokenError

    def _remember(self, token: str, waiting: _Waiting) -> None:
        self._spent[token] = waiting.execution
        if len(self._spent) > _REMEMBERED:
            self._spent.popitem(last=False)

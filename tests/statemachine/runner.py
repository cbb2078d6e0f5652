"""A small interpreter of the machine: runs the real ASL with scripted functions, no clock, no network.

It keeps to the Amazon States Language where MiniStack differs: Assign is evaluated at once against the values at the
state's entry, States.ALL catches neither States.Runtime nor States.DataLimitExceeded, TimeoutSeconds must be a whole
number of at least one second, a Condition must be a boolean.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException

from tests.statemachine.asl import State, expressions, is_waiting, machine
from tests.statemachine.failures import Raises, Reply, StatesError, matches

EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:slipway-release:e1"
STARTED = "2026-01-05T09:00:00.000Z"
STEPS_LIMIT = 5000


Script = Mapping[str, Sequence[Reply]]
"""What each state's function answers, call by call; the last answer stands for all further calls."""


@dataclass
class Run:
    """What one execution did."""

    visited: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """State and payload of every invocation."""
    timeouts: list[tuple[str, int]] = field(default_factory=list)
    error: str = ""
    cause: str = ""
    output: Any = None
    entries: int = 0
    """States entered, and attempts repeated by a Retry."""

    @property
    def end(self) -> str:
        """Name of the state in which the execution ended."""
        return self.visited[-1]

    @property
    def transitions(self) -> int:
        """State transitions as they are billed, counted generously: every entry, every retry, and the start."""
        return self.entries + 1

    @property
    def tasks(self) -> list[str]:
        """States whose function was called, in order, one entry a call."""
        return [name for name, _ in self.calls]

    def payloads(self, state: str) -> list[dict[str, Any]]:
        """Payloads that one state's function was given."""
        return [payload for name, payload in self.calls if name == state]


@cache
def _compiled(text: str) -> Any:
    return Jsonata.jsonata(text)


class Runner:
    """Runs the machine once."""

    def __init__(
        self, script: Script, event: dict[str, Any], execution: str = EXECUTION, started: str = STARTED
    ) -> None:
        self._execution = {"Id": execution, "StartTime": started}
        self._script = {name: list(replies) for name, replies in script.items()}
        self._variables: dict[str, Any] = {}
        self._data: Any = event
        self.run = Run()

    def go(self) -> Run:
        """Run from StartAt to an end."""
        name: str | None = machine()["StartAt"]
        while name is not None:
            assert self.run.entries < STEPS_LIMIT, "the machine does not end"
            self.run.visited.append(name)
            self.run.entries += 1
            name = self._step(name, machine()["States"][name])
        return self.run

    def _step(self, name: str, state: State) -> str | None:
        self._context = {
            "State": {"Name": name},
            "Execution": self._execution,
            "Task": {"Token": f"token-{self.run.entries}"},
        }
        if state["Type"] == "Task":
            return self._task(name, state)
        if state["Type"] == "Choice":
            return self._choice(state)
        if state["Type"] == "Fail":
            self.run.error, self.run.cause = self._value(state["Error"]), self._value(state["Cause"])
        self.run.output = self._data
        return None

    def _task(self, name: str, state: State) -> str:
        attempts: dict[int, int] = {}
        while True:
            try:
                return self._attempt(name, state)
            except StatesError as error:
                if not self._retried(state, error, attempts):
                    return self._caught(state, error)

    def _attempt(self, name: str, state: State) -> str:
        arguments = self._value(state["Arguments"])
        self.run.calls.append((name, arguments["Payload"]))
        self._check_timeout(name, self._value(state["TimeoutSeconds"]))
        reply = self._call(name, arguments["Payload"])
        result = reply if is_waiting(state) else {"StatusCode": 200, "Payload": reply}
        output = self._value(state["Output"], result=result) if "Output" in state else result
        self._assign(state, result=result)
        self._data = output
        return str(state["Next"])

    def _call(self, name: str, _payload: dict[str, Any]) -> dict[str, Any]:
        """Give what a state's function answers, or raise how it failed."""
        replies = self._script[name]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Raises):
            raise StatesError(reply.error, reply.cause)
        return copy.deepcopy(reply)

    def _check_timeout(self, name: str, seconds: Any) -> None:
        if isinstance(seconds, bool) or not float(seconds).is_integer() or seconds < 1:
            raise StatesError("States.Runtime", f"TimeoutSeconds of {name} is {seconds!r}")
        self.run.timeouts.append((name, int(seconds)))

    def _retried(self, state: State, error: StatesError, attempts: dict[int, int]) -> bool:
        for index, retrier in enumerate(state.get("Retry", [])):
            if matches(retrier, error):
                attempts[index] = attempts.get(index, 0) + 1
                again = attempts[index] <= retrier["MaxAttempts"]
                self.run.entries += int(again)
                return bool(again)
        return False

    def _caught(self, state: State, error: StatesError) -> str:
        for catcher in state.get("Catch", []):
            if matches(catcher, error):
                self._assign(catcher, errorOutput=error.output)
                self._data = error.output
                return str(catcher["Next"])
        raise error

    def _choice(self, state: State) -> str:
        for rule in state["Choices"]:
            verdict = self._value(rule["Condition"])
            assert isinstance(verdict, bool), f"{rule['Condition']} is {verdict!r}, not a boolean"
            if verdict:
                self._assign(rule)
                return str(rule["Next"])
        return str(state["Default"])

    def _assign(self, part: dict[str, Any], **given: Any) -> None:
        self._variables |= {key: self._value(value, **given) for key, value in part.get("Assign", {}).items()}

    def _value(self, template: Any, **given: Any) -> Any:
        if isinstance(template, dict):
            return {key: self._value(inner, **given) for key, inner in template.items()}
        for _, text in expressions(template):
            return self._evaluated(text, given)
        return template

    def _evaluated(self, text: str, given: dict[str, Any]) -> Any:
        states = {"input": self._data, "context": self._context, **given}
        try:
            value = _compiled(text).evaluate(None, {**self._variables, "states": states})
        except (JException, TypeError, ValueError, AttributeError) as problem:
            raise StatesError("States.QueryEvaluationError", str(problem)) from problem
        if value is None:
            raise StatesError("States.QueryEvaluationError", f"{text} is undefined")
        return value


def run(script: Script, event: dict[str, Any] | None = None) -> Run:
    """Run the machine once against scripted functions."""
    return Runner(script, event or {"source": "aws.s3"}).go()

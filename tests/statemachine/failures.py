"""How a Task fails: what a test scripts, what the machine sees, and which Retry or Catch it meets."""

from dataclasses import dataclass
from typing import Any

UNCATCHABLE = ("States.Runtime", "States.DataLimitExceeded")
"""Errors that States.ALL does not catch."""


class StatesError(Exception):
    """An error by its States name, as a Task raises it."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.output = {"Error": error, "Cause": cause}


@dataclass(frozen=True)
class Raises:
    """A scripted failure of a function, or the timeout of a token that nobody answers."""

    error: str
    cause: str = ""


TIMEOUT = Raises("States.Timeout")
Reply = dict[str, Any] | Raises


def matches(part: dict[str, Any], error: StatesError) -> bool:
    """Whether a retrier or catcher is meant for this error."""
    name = error.output["Error"]
    for wanted in part["ErrorEquals"]:
        if wanted == name or (wanted == "States.ALL" and name not in UNCATCHABLE):
            return True
        if wanted == "States.TaskFailed" and name not in ("States.Timeout", *UNCATCHABLE):
            return True
    return False

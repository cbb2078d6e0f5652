"""What goes wrong in a command, told as: what happened, why, what to type next."""

from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What a script may branch on."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    FAILED = 3
    """The release failed or was rolled back."""
    CREDENTIALS = 4
    TIMED_OUT = 5
    NOT_FOUND = 6
    INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot do what it was asked to."""

    def __init__(self, what: str, why: str = "", next_step: str = "", code: ExitCode = ExitCode.UNEXPECTED) -> None:
        """Say it.

        Args:
            what: what happened, one sentence.
            why: the reason, as far as it is known.
            next_step: what to type or to do now.
            code: how the process ends.
        """
        super().__init__(what)
        self.why = why
        self.next_step = next_step
        self.code = code

    def __str__(self) -> str:
        parts = (("", super().__str__()), ("Why: ", self.why), ("Next: ", self.next_step))
        return "\n".join(f"{label}{text}" for label, text in parts if text)

    def shape(self) -> dict[str, Any]:
        """Give what programs read of it."""
        said = {"what": super().__str__(), "why": self.why, "next": self.next_step}
        return {"error": {**said, "exit_code": int(self.code)}}

"""Where a command writes: data to stdout, everything else to stderr."""

import json
import os
import sys
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

PIPE_WIDTH = 160
"""Columns where nobody's terminal says how many there are."""


class Screen:
    """The two streams of a command."""

    def __init__(self, *, as_json: bool = False) -> None:
        """Open the screen.

        Args:
            as_json: whether data is printed as JSON rather than for people.
        """
        self.as_json = as_json
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr)

    def say(self, text: str, style: str = "") -> None:
        """Tell progress, in one line."""
        self.err.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def show(self, data: Any, picture: RenderableType) -> None:
        """Print what was asked for.

        Args:
            data: what programs get.
            picture: what people get.
        """
        if self.as_json:
            sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        else:
            self.out.print(picture, markup=False, highlight=False, soft_wrap=isinstance(picture, str | Text))


def _console(stream: TextIO) -> Console:
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(file=stream, width=None if known else PIPE_WIDTH)

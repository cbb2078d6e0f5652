"""Where a command writes: data to stdout, everything else to stderr."""

import json
import math
import os
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from slipway_cli.errors import CommandError

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
            _write(as_json(data, indent=2))
        else:
            self.out.print(picture, markup=False, highlight=False, soft_wrap=isinstance(picture, str | Text))
            self.out.file.flush()

    def show_line(self, data: Any) -> None:
        """Print one line of JSON, and let whoever reads it have it at once."""
        _write(as_json(data))

    def refuse(self, error: CommandError) -> None:
        """Tell why a command ended without what was asked of it: people on stderr, programs on stdout, in one line."""
        self.say(str(error), "red")
        if self.as_json:
            self.show_line(error.shape())


def as_json(data: Any, indent: int | None = None) -> str:
    """Write data as JSON that every reader takes: numbers that JSON has no words for become strings."""
    try:
        return json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(data), indent=indent, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _write(text: str) -> None:
    """Write JSON to stdout; what its encoding lacks, or no encoding has, is escaped as JSON does it."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = "".join(each if each.isascii() else json.dumps(each)[1:-1] for each in text)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class _Console(Console):
    """A console that a text cannot steer: what is shown was written by models and by whoever dropped them."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Give the segments of what is shown; signs that would move the cursor, colour or reorder become U+FFFD."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(_harmless(segment.text), segment.style)


def _harmless(text: str) -> str:
    """Replace control and format characters and lone surrogates."""
    if text.isprintable():
        return text
    return "".join(sign if sign in "\n\t" or unicodedata.category(sign)[0] != "C" else "\ufffd" for sign in text)


def _console(stream: TextIO) -> Console:
    known = stream.isatty() or "COLUMNS" in os.environ
    return _Console(file=stream, width=None if known else PIPE_WIDTH)

"""YAML read by its events, not by a loader: no recursion, no aliases, no tags, no key twice.

A plain scalar means what it means in JSON: `no` is a text, `010` is no octal number and `2024-01-01` is no date.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from slipway.intake.parsed import DEPTH_LIMIT, Parsed, Path, YamlRefusedError

DIGITS_LIMIT = 400
"""Digits of a whole number that are worth reading before it is refused as too large."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|nan)")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


def parse_yaml(text: str) -> Parsed:
    """Read one YAML document.

    Raises:
        YamlRefusedError: it is not YAML, or uses what Slipway does not read.
    """
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "a character that YAML does not allow"
        raise YamlRefusedError(what, f"line {mark.line + 1}, column {mark.column + 1}" if mark else "") from error
    return reader.parsed


@dataclass
class _Open:
    """A list or mapping whose end was not yet seen."""

    made: Any
    path: Path
    key: str | None = None


class _Reader:
    """Builds values out of YAML events, without recursion."""

    def __init__(self) -> None:
        self.parsed = Parsed()
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        place = f"line {_line(event)}"
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise YamlRefusedError("a second document begins", place)
        elif isinstance(event, yaml.AliasEvent):
            raise YamlRefusedError("an alias (*name) is used; write the value out", place)
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, place)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()

    def _node(self, event: yaml.NodeEvent, place: str) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise YamlRefusedError(f"the tag {tag!a} is used; write plain values only", place)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, place)
            return
        if len(self._open) >= DEPTH_LIMIT:
            raise YamlRefusedError(f"lists and mappings nest more than {DEPTH_LIMIT} deep", place)
        made: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(made, self._put(made, event, place)))

    def _scalar(self, event: yaml.ScalarEvent, place: str) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.made, dict) and top.key is None:
            if event.value in top.made:
                self.parsed.twice.append((event.value, place))
            top.key = event.value
            return
        plain = event.style in (None, "") and event.implicit[0]
        self._put(_plain(event.value, place) if plain else event.value, event, place)

    def _put(self, value: Any, event: yaml.Event, place: str) -> Path:
        """Put a value where it belongs; gives its path."""
        if not self._open:
            self.parsed.values = value
            return ()
        top = self._open[-1]
        if isinstance(top.made, list):
            top.made.append(value)
            path: Path = (*top.path, len(top.made) - 1)
        elif top.key is None:
            raise YamlRefusedError("a list or mapping is used as a key", place)
        else:
            top.made[top.key] = value
            path, top.key = (*top.path, top.key), None
        self.parsed.lines[path] = _line(event)
        return path


def _line(event: yaml.Event) -> int:
    """Give the line of an event, from 1; 0 where PyYAML does not know it."""
    return 0 if event.start_mark is None else event.start_mark.line + 1


def _plain(text: str, place: str) -> Any:
    """Read an unquoted scalar as JSON would."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INT.fullmatch(text):
        if len(text) > DIGITS_LIMIT:
            raise YamlRefusedError(f"a number has {len(text)} digits", place)
        return int(text)
    if _FLOAT.fullmatch(text.lower()):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text

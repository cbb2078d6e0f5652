"""Places in a JSON value: `$.predictions[0].score`, `$["odd key"]`, `[-1]` from the end, `[*]` for every entry."""

import json
import re
from collections.abc import Iterator
from typing import Any

Step = str | int | None
"""A key, an index, or None for every entry."""

MISSING = object()
"""Stands where a path leads nowhere."""

_STEP = re.compile(r'\.([A-Za-z_][A-Za-z0-9_-]*)|\[(-?[0-9]{1,9})\]|(\[\*\])|\[("(?:[^"\\]|\\.)*")\]')


def parse_path(text: str) -> tuple[Step, ...]:
    """Read a path.

    Raises:
        ValueError: it is none of this subset.
    """
    at, steps = (1 if text.startswith("$") else 0), list[Step]()
    if text and text[0] not in "$.[":
        text = f".{text}"
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f"it cannot be read from character {at} on")
        name, index, every, quoted = found.groups()
        steps.append(None if every else int(index) if index else json.loads(quoted) if quoted else name)
        at = found.end()
    return tuple(steps)


def values_at(value: Any, path: tuple[Step, ...], place: str = "$") -> Iterator[tuple[str, Any]]:
    """Give every value to which a path leads, with its place; `MISSING` where it leads nowhere."""
    if not path:
        yield place, value
        return
    step, rest = path[0], path[1:]
    if step is None:
        entries = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        if not entries:
            yield f"{place}[*]", MISSING
        for index, entry in enumerate(entries):
            yield from values_at(entry, rest, f"{place}[{index}]")
        return
    there = f"{place}[{step}]" if isinstance(step, int) else f"{place}.{step}"
    if _leads_on(value, step):
        yield from values_at(value[step], rest, there)
    else:
        yield there, MISSING


def _leads_on(value: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(value, dict) and step in value
    return isinstance(value, list) and -len(value) <= step < len(value)

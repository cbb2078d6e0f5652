"""Whether two JSON values are the same, numbers within a tolerance, and if not, where they differ."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SHOWN = 80
"""Characters of a value that a sentence shows."""


@dataclass(frozen=True)
class Tolerance:
    """How far two numbers may be apart and still count as equal: the larger of the two allowances."""

    absolute: float = 0.0
    relative: float = 0.0
    """Share of the expected number."""

    def allows(self, expected: float, got: float) -> bool:
        """Whether a finite number is near enough; NaN and infinity are near nothing, not even themselves."""
        try:
            allowed = max(self.absolute, self.relative * abs(expected))
            return math.isfinite(got) and abs(got - expected) <= allowed
        except OverflowError:
            return False


EXACT = Tolerance()


def differences(expected: Any, got: Any, tolerance: Tolerance = EXACT, place: str = "$") -> Iterator[str]:
    """Tell each place at which an answer differs.

    Args:
        expected: value that the spec gives; its nesting bounds the recursion.
        got: value that the model answered.
        tolerance: how far two numbers may be apart.
        place: where in the answer these values stand.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        yield from _keys(expected, got, tolerance, place)
    elif isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            yield f"{place} has {len(got)} entries instead of {len(expected)}"
        for index, (wanted, value) in enumerate(zip(expected, got, strict=False)):
            yield from differences(wanted, value, tolerance, f"{place}[{index}]")
    elif not _equal(expected, got, tolerance):
        yield f"{place} is {shown(got)} instead of {shown(expected)}"


def shown(value: Any) -> str:
    """Write a value as JSON, cut to fit a sentence."""
    try:
        text = json.dumps(value)
    except RecursionError:
        return "(nested too deeply)"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _keys(expected: dict[str, Any], got: dict[str, Any], tolerance: Tolerance, place: str) -> Iterator[str]:
    for key, wanted in expected.items():
        if key in got:
            yield from differences(wanted, got[key], tolerance, f"{place}.{key}")
        else:
            yield f"{place}.{key} is missing"
    for key in got:
        if key not in expected:
            yield f"{place}.{shown(key)[1:-1]} is there but not expected"


def _equal(expected: Any, got: Any, tolerance: Tolerance) -> bool:
    if not (is_number(expected) and is_number(got)):
        return type(expected) is type(got) and bool(expected == got)
    return tolerance.allows(expected, got)


def is_number(value: Any) -> bool:
    """Whether a value is a number of JSON; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)

"""Whether two JSON values are the same, numbers within a tolerance, and if not, where they differ."""

import json
import math
from collections.abc import Iterator
from typing import Any

_SHOWN = 80
"""Characters of a value that a sentence shows."""


def differences(expected: Any, got: Any, tolerance: float, place: str = "$") -> Iterator[str]:
    """Tell each place at which an answer differs.

    Args:
        expected: value that the spec gives; its nesting bounds the recursion.
        got: value that the model answered.
        tolerance: largest absolute difference between two numbers. NaN and infinity equal nothing, not even themselves.
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
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _keys(expected: dict[str, Any], got: dict[str, Any], tolerance: float, place: str) -> Iterator[str]:
    for key, wanted in expected.items():
        if key in got:
            yield from differences(wanted, got[key], tolerance, f"{place}.{key}")
        else:
            yield f"{place}.{key} is missing"
    for key in got:
        if key not in expected:
            yield f"{place}.{shown(key)[1:-1]} is there but not expected"


def _equal(expected: Any, got: Any, tolerance: float) -> bool:
    if not (_is_number(expected) and _is_number(got)):
        return type(expected) is type(got) and bool(expected == got)
    try:
        return math.isfinite(got) and abs(got - expected) <= tolerance
    except OverflowError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""Two JSON values are the same, or it is told where they differ."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.judging.json_match import Tolerance, differences


def differ(expected: Any, got: Any, tolerance: float = 0.0) -> list[str]:
    return list(differences(expected, got, Tolerance(tolerance)))


@pytest.mark.parametrize(
    ("expected", "got", "tolerance"),
    [
        ({"a": [1, 2.5, "x", None, True]}, {"a": [1, 2.5, "x", None, True]}, 0.0),
        (1, 1.0, 0.0),
        (0.5, 0.4, 0.2),
        ([[1.0], [2.0]], [[1.01], [1.99]], 0.02),
        (10**18, 10**18, 0.0),
    ],
)
def test_equal_values_have_no_differences(expected: Any, got: Any, tolerance: float) -> None:
    assert differ(expected, got, tolerance) == []


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        (1, 2, "$ is 2 instead of 1"),
        (1, True, "$ is true instead of 1"),
        (0, False, "$ is false instead of 0"),
        (True, 1, "$ is 1 instead of true"),
        (1, "1", '$ is "1" instead of 1'),
        (None, 0, "$ is 0 instead of null"),
        ([1], {"0": 1}, '$ is {"0": 1} instead of [1]'),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "$.a.b[1] is 3 instead of 2"),
        ({"a": 1}, {}, "$.a is missing"),
        ({}, {"a": 1}, "$.a is there but not expected"),
        ([1, 2], [1], "$ has 1 entries instead of 2"),
    ],
)
def test_a_difference_is_told_with_its_place(expected: Any, got: Any, told: str) -> None:
    assert differ(expected, got) == [told]


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_equals_nothing_not_even_itself(odd: str) -> None:
    value = json.loads(odd)
    assert differ(1.0, value, 1e9)
    assert differ(value, value, 1e9)


def test_numbers_too_large_to_compare_differ() -> None:
    assert differ(0.5, 10**400, 1.0)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e6), st.floats(0, 1))
def test_within_the_tolerance_is_equal_and_beyond_it_is_not(value: float, tolerance: float, share: float) -> None:
    near = value + tolerance * share
    assert (differ(value, near, tolerance) == []) == (abs(near - value) <= tolerance)

"""Metric math: what an expression comes to, period by period."""

import pytest

from drydock.cloudwatch.metric_math import InvalidExpressionError, parse
from drydock.cloudwatch.metrics import Series

A: Series = [1.0, 2.0, None, 4.0]
B: Series = [0.0, 4.0, 5.0, 2.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", [1.0, 10.0, None, 8.0]),
        ("(a + b) * 2", [2.0, 12.0, None, 12.0]),
        ("a / b", [None, 0.5, None, 2.0]),
        ("-a ^ 2", [-1.0, -4.0, None, -16.0]),
        ("a > b", [1.0, 0.0, None, 1.0]),
        ("a >= 2 AND b >= 2", [0.0, 1.0, 1.0, 1.0]),
        ("a == 1 || b == 2", [1.0, 0.0, 0.0, 1.0]),
        ("IF(b > 0, a / b, 0)", [0.0, 0.5, None, 2.0]),
        ("IF(FILL(a, 0) >= 2, 1, 0)", [0.0, 1.0, 0.0, 1.0]),
        ("FILL(a, REPEAT)", [1.0, 2.0, 2.0, 4.0]),
        ("MAX([a, b])", [1.0, 4.0, 5.0, 4.0]),
        ("SUM(METRICS())", [1.0, 6.0, 5.0, 6.0]),
        ("AVG([a, 3])", [2.0, 2.5, 3.0, 3.5]),
        ("ABS(a - b)", [1.0, 2.0, None, 2.0]),
        ("CEIL(b / 4)", [0.0, 1.0, 2.0, 1.0]),
    ],
)
def test_an_expression_is_computed_period_by_period(text: str, expected: Series) -> None:
    assert parse(text).evaluate({"a": A, "b": B}, ["a", "b"], 4) == expected


@pytest.mark.parametrize("text", ["a +", "a.b", "lambda: 1", "RATE(a)", "1 < a < 3", "[x for x in a]", "a['b']"])
def test_what_is_no_metric_math_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpressionError):
        parse(text)


@pytest.mark.parametrize("text", ["MAX(a)", "[a, b] + 1", "IF(a)"])
def test_a_wrong_kind_of_argument_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpressionError):
        parse(text).evaluate({"a": A, "b": B}, ["a", "b"], 4)


def test_an_expression_knows_the_ids_it_refers_to() -> None:
    assert parse("IF(calls > 20, FILL(errors, REPEAT) / calls, 0)").names == {"calls", "errors"}

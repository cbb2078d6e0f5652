"""CloudWatch metric math, the part that alarms need: arithmetic, comparison, logic, IF, FILL, MIN, MAX, SUM, AVG.

The grammar of an expression is a subset of Python's, so Python's parser reads it; nothing of it is executed.
A missing datapoint makes the result missing, a division by zero too (CloudWatch user guide, "Using metric math").
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drydock.cloudwatch.metrics import Series

Value = Series | list[Series]
"""What a part of an expression is worth: a time series, or an array of them."""


class InvalidExpressionError(ValueError):
    """The expression is no metric math, or uses a function that is not supported here."""


_SPELLINGS = ((r"&&|\bAND\b", " and "), (r"\|\||\bOR\b", " or "), (r"\^", "**"))

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISON: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ACROSS: dict[str, Callable[[Sequence[float]], float]] = {
    "MIN": min,
    "MAX": max,
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
}
_FUNCTIONS = frozenset({"IF", "FILL", "ABS", "CEIL", "FLOOR", "METRICS", *_ACROSS})


@dataclass(frozen=True)
class Expression:
    """One parsed expression."""

    text: str
    body: ast.expr
    names: frozenset[str]
    """The ids of the metrics and expressions it refers to."""

    def evaluate(self, series: Mapping[str, Series], metrics: Sequence[str], length: int) -> Series:
        """Compute the expression's time series.

        Args:
            series: the series of each id it refers to, each `length` long.
            metrics: the ids that METRICS() stands for.
            length: how many periods.
        """
        return _as_series(_Evaluation(series, metrics, length).of(self.body))


def parse(text: str) -> Expression:
    """Parse an expression.

    Raises:
        InvalidExpressionError: it cannot be read, or asks for something that is not supported.
    """
    source = text
    for pattern, spelling in _SPELLINGS:
        source = re.sub(pattern, spelling, source)
    try:
        body = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        raise InvalidExpressionError(f"Invalid metrics expression: {text}") from error
    _check(body, text)
    names = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    return Expression(text, body, frozenset(names - _FUNCTIONS - {"REPEAT"}))


_ALLOWED = (
    ast.BinOp, ast.UnaryOp, ast.USub, ast.UAdd, ast.Compare, ast.BoolOp, ast.And, ast.Or, ast.Call, ast.Name,
    ast.Load, ast.Constant, ast.List, *_ARITHMETIC, *_COMPARISON,
)  # fmt: skip


def _check(body: ast.expr, text: str) -> None:
    for node in ast.walk(body):
        if not isinstance(node, _ALLOWED) or (isinstance(node, ast.Compare) and len(node.ops) != 1):
            raise InvalidExpressionError(f"Unsupported operand or operator in expression: {text}")
        if isinstance(node, ast.Call) and (not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS):
            raise InvalidExpressionError(f"Unsupported function in expression: {text}")


@dataclass(frozen=True)
class _Evaluation:
    series: Mapping[str, Series]
    metrics: Sequence[str]
    length: int

    def of(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                constant: Series = [float(number)] * self.length
                return constant
            case ast.Name(id=name):
                return self.series[name]
            case ast.List(elts=elements):
                return [_as_series(self.of(element)) for element in elements]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _map(operator.neg, self.of(operand))
            case ast.UnaryOp(operand=operand):
                return self.of(operand)
            case ast.BinOp(left=left, op=arithmetic, right=right):
                return _zip(_ARITHMETIC[type(arithmetic)], self.of(left), self.of(right))
            case ast.Compare(left=left, ops=[comparison], comparators=[right]):
                return _zip(_COMPARISON[type(comparison)], self.of(left), self.of(right))
            case ast.BoolOp(op=logic, values=values):
                decide = all if isinstance(logic, ast.And) else any
                return _across(lambda row: float(decide(row)), [_as_series(self.of(value)) for value in values])
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return self._call(function, arguments)
        raise InvalidExpressionError(f"Unsupported operand: {ast.unparse(node)}")

    def _call(self, function: str, arguments: list[ast.expr]) -> Value:
        match function, arguments:
            case "METRICS", []:
                return [self.series[name] for name in self.metrics]
            case "IF", [condition, then, otherwise]:
                rows = zip(*(_as_series(self.of(part)) for part in (condition, then, otherwise)), strict=True)
                return [None if test is None else yes if test else no for test, yes, no in rows]
            case "FILL", [filled, ast.Name(id="REPEAT")]:
                return _repeat(_as_series(self.of(filled)))
            case "FILL", [filled, filler]:
                pairs = zip(_as_series(self.of(filled)), _as_series(self.of(filler)), strict=True)
                return [other if value is None else value for value, other in pairs]
            case "ABS", [operand]:
                return _map(abs, self.of(operand))
            case "CEIL", [operand]:
                return _map(lambda value: float(-(-value // 1)), self.of(operand))
            case "FLOOR", [operand]:
                return _map(lambda value: float(value // 1), self.of(operand))
            case (("MIN" | "MAX" | "SUM" | "AVG"), [array]):
                return _across(_ACROSS[function], _as_array(self.of(array)))
        raise InvalidExpressionError(f"Invalid arguments of {function}")


def _as_series(value: Value) -> Series:
    if value and isinstance(value[0], list):
        raise InvalidExpressionError("An array of time series stands where one is expected")
    return value  # type: ignore[return-value]


def _as_array(value: Value) -> list[Series]:
    if not value or not isinstance(value[0], list):
        raise InvalidExpressionError("One time series stands where an array of them is expected")
    return value


def _map(function: Callable[[float], float], value: Value) -> Series:
    return [None if one is None else function(one) for one in _as_series(value)]


def _zip(function: Callable[[float, float], float], left: Value, right: Value) -> Series:
    return [_apply(function, a, b) for a, b in zip(_as_series(left), _as_series(right), strict=True)]


def _apply(function: Callable[[float, float], float], left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    try:
        result = function(left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return float(result) if isinstance(result, int | float) else None


def _across(function: Callable[[Sequence[float]], float], array: Sequence[Series]) -> Series:
    """Combine the series of an array period by period; a missing value does not count."""
    columns = ([value for value in column if value is not None] for column in zip(*array, strict=True))
    return [function(column) if column else None for column in columns]


def _repeat(values: Series) -> Series:
    filled: Series = []
    for value in values:
        filled.append(value if value is not None else (filled[-1] if filled else None))
    return filled

"""DynamoDB's typed values to and from plain ones. boto3 has this too, and brings its whole transfer manager along,
which no function uses and each would load at its start."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

Wire = dict[str, Any]
"""One AttributeValue: its type's letter and the value (API_AttributeValue)."""


def to_wire(value: Any) -> Wire:
    """Write a plain value.

    Raises:
        TypeError: a value that the ledger does not keep: infinity, NaN, bytes, a set.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}
        case int() | float() if isfinite(value):
            return {"N": repr(value)}
        case Mapping():
            return {"M": {str(name): to_wire(part) for name, part in value.items()}}
        case list() | tuple():
            return {"L": [to_wire(part) for part in value]}
    raise TypeError(f"the ledger keeps no {type(value).__name__} {value!r}")


def from_wire(wire: Mapping[str, Any]) -> Any:
    """Read a value: whole numbers as int, other ones as float."""
    ((letter, value),) = wire.items()
    match letter:
        case "NULL":
            return None
        case "N":
            return _number(value)
        case "M":
            return {name: from_wire(part) for name, part in value.items()}
        case "L":
            return [from_wire(part) for part in value]
    return value


def _number(text: str) -> int | float:
    """Read a number as DynamoDB writes it: whole ones without a point, unless with an exponent."""
    if text.lstrip("-").isdigit():
        return int(text)
    number = float(text)
    return int(number) if number.is_integer() else number

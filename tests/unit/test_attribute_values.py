"""Plain values as DynamoDB's typed ones, and back."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from slipway.aws.attribute_values import from_wire, to_wire

numbers = st.integers(-(10**30), 10**30) | st.floats(-1e6, 1e6, width=32)
plain = st.recursive(
    st.none() | st.booleans() | st.text() | numbers,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(plain)
def test_a_value_is_read_back_as_it_was_written(value: Any) -> None:
    assert from_wire(to_wire(value)) == value


@given(plain)
def test_boto3_reads_the_same(value: Any) -> None:
    read = TypeDeserializer().deserialize(to_wire(value))
    assert _without_decimals(read) == value


def _without_decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_decimals(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_decimals(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("-0", 0), ("1E+2", 100), ("0.25", 0.25), ("7.0", 7)])
def test_a_number_is_whole_however_dynamodb_writes_it(text: str, number: float) -> None:
    read = from_wire({"N": text})
    assert (read, type(read)) == (number, type(number))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1}, object()])
def test_what_the_ledger_does_not_keep_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError):
        to_wire({"deep": [value]})

"""Plain values as DynamoDB's typed ones, and back."""

from typing import Any

import pytest
from hypothesis import given

from slipway.aws.attribute_values import from_wire, to_wire
from tests.properties import plain_values


@given(plain_values())
def test_a_value_is_read_back_as_it_was_written(value: Any) -> None:
    assert from_wire(to_wire(value)) == value


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("-0", 0), ("1E+2", 100), ("0.25", 0.25), ("7.0", 7)])
def test_a_number_is_whole_however_dynamodb_writes_it(text: str, number: float) -> None:
    read = from_wire({"N": text})
    assert (read, type(read)) == (number, type(number))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1}, object()])
def test_what_the_ledger_does_not_keep_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError):
        to_wire({"deep": [value]})

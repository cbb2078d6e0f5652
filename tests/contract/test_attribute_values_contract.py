"""What is written as DynamoDB's typed values is what boto3 reads."""

from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given

from slipway.aws.attribute_values import to_wire
from tests.properties import plain_values


@given(plain_values())
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

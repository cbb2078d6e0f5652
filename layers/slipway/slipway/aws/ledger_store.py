"""DynamoDB as the ledger's table. It knows keys, conditions and the index, nothing of what the items mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from slipway.aws.attribute_values import from_wire, to_wire
from slipway.aws.refusals import code_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from slipway.exchanges import Item

INDEX = "open"
OPEN = "OPEN"


class DynamoLedgerStore:
    """Satisfies `slipway.ports.LedgerStore`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._dynamodb = client
        self._table = table

    def get(self, pk: str, sk: str) -> Item | None:
        """Read one item, as the last successful write left it."""
        said = self._dynamodb.get_item(TableName=self._table, Key=_key(pk, sk), ConsistentRead=True)
        return _item(said["Item"]) if "Item" in said else None

    def query(self, pk: str, begins: str = "") -> list[Item]:
        """Read a partition, or the part of it whose sort keys begin so, all pages of it."""
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if begins:
            condition, values = f"{condition} AND begins_with(sk, :sk)", {**values, ":sk": {"S": begins}}
        return self._pages(KeyConditionExpression=condition, ExpressionAttributeValues=values, ConsistentRead=True)

    def put(self, item: Item, expect: dict[str, Any] | None = None) -> bool:
        """Write an item under a condition; one that a lost answer made botocore send twice counts as written."""
        wire = {name: to_wire(value) for name, value in item.items() if value is not None}
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=wire,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_condition(expect),
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            stored: Any = error.response.get("Item")
            return _was_sent_twice(error) and stored is not None and _item(stored) == _item(wire)
        return True

    def delete(self, pk: str, sk: str, expect: dict[str, Any] | None = None) -> bool:
        """Delete an item under a condition."""
        try:
            self._dynamodb.delete_item(TableName=self._table, Key=_key(pk, sk), **_condition(expect))
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def open_releases(self) -> list[Item]:
        """Read the sparse index, all pages of it; an index is only eventually consistent."""
        return self._pages(
            IndexName=INDEX,
            KeyConditionExpression="open_pk = :open",
            ExpressionAttributeValues={":open": {"S": OPEN}},
        )

    def _pages(self, **question: Any) -> list[Item]:
        pages = self._dynamodb.get_paginator("query").paginate(TableName=self._table, **question)
        return [_item(wire) for page in pages for wire in page["Items"]]


def _condition(expect: dict[str, Any] | None) -> Any:
    """Say what is expected as a condition, with placeholders for names too: some are reserved words."""
    if not expect:
        return {}
    terms, names, values = [], {}, {}
    for index, (name, value) in enumerate(expect.items()):
        names[f"#n{index}"] = name
        if value is None:
            terms.append(f"attribute_not_exists(#n{index})")
        else:
            terms.append(f"#n{index} = :v{index}")
            values[f":v{index}"] = to_wire(value)
    condition = {"ConditionExpression": " AND ".join(terms), "ExpressionAttributeNames": names}
    return {**condition, "ExpressionAttributeValues": values} if values else condition


def _was_sent_twice(error: ClientError) -> bool:
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts"))


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _item(wire: Mapping[str, Any]) -> Item:
    return {name: from_wire(value) for name, value in wire.items()}

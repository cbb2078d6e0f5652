"""The table in memory, with DynamoDB's ideas of conditions, order and numbers."""

import json
import math
from collections.abc import Mapping
from typing import Any

from slipway.exchanges import Item

OPEN = "OPEN"


class FakeLedgerStore:
    """Gives back copies in the form in which DynamoDB would: lists for tuples, whole numbers as int."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], str] = {}
        """Each item as text: what is read is a copy, and cheap."""

    def get(self, pk: str, sk: str) -> Item | None:
        item = self._items.get((pk, sk))
        return None if item is None else json.loads(item)

    def query(self, pk: str, begins: str = "") -> list[Item]:
        keys = sorted(key for key in self._items if key[0] == pk and key[1].startswith(begins))
        return [json.loads(self._items[key]) for key in keys]

    def put(self, item: Item, expect: dict[str, Any] | None = None) -> bool:
        if not self._holds(item["pk"], item["sk"], expect):
            return False
        present = {name: value for name, value in item.items() if value is not None}
        self._items[item["pk"], item["sk"]] = json.dumps(_stored(present))
        return True

    def delete(self, pk: str, sk: str, expect: dict[str, Any] | None = None) -> bool:
        if not self._holds(pk, sk, expect):
            return False
        self._items.pop((pk, sk), None)
        return True

    def open_releases(self) -> list[Item]:
        marked = [json.loads(item) for item in self._items.values() if '"open_pk"' in item]
        indexed = [item for item in marked if item.get("open_pk") == OPEN]
        return sorted(indexed, key=lambda item: str(item["open_sk"]))

    def _holds(self, pk: str, sk: str, expect: dict[str, Any] | None) -> bool:
        there = json.loads(self._items.get((pk, sk), "{}"))
        return all(there.get(name) == _stored(value) for name, value in (expect or {}).items())


def _stored(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _stored(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_stored(part) for part in value]
    if isinstance(value, float):
        return _number(value)
    return value


def _number(value: float) -> int | float:
    if not math.isfinite(value):
        raise TypeError("DynamoDB stores neither infinity nor NaN")
    return int(value) if value.is_integer() else value

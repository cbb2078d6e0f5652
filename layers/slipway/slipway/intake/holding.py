"""Data held to a record's constraints with pydantic. It is loaded when there is something to hold: most of what starts
Read the Release's function on AWS, a rollback or an event that starts nothing, needs none of it."""

import json
from typing import Any, TypeVar

Record = TypeVar("Record")

_ADAPTERS: dict[type, Any] = {}
"""Pydantic's validators, one a record; building one takes longer than using it."""


def hold(record: type[Record], values: Any) -> Record | list[dict[str, Any]]:
    """Make a record of plain values.

    Args:
        record: its class, whose annotations say what is allowed.
        values: what JSON can say.

    Returns:
        The record, or pydantic's errors about the values (`loc`, `type`, `msg`, `input`, `ctx`).
    """
    from pydantic import ValidationError

    try:
        held: Record = _adapter(record).validate_json(json.dumps(values))
    except ValidationError as invalid:
        return [dict(error) for error in invalid.errors(include_url=False)]
    return held


def _adapter(record: type) -> Any:
    if record not in _ADAPTERS:
        from pydantic import TypeAdapter

        _ADAPTERS[record] = TypeAdapter(record)
    return _ADAPTERS[record]

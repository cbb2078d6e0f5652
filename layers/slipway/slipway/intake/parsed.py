"""A text that was read: its values, and where in the text each of them stands."""

from dataclasses import dataclass, field
from typing import Any

DEPTH_LIMIT = 20
"""Nested lists and mappings; DynamoDB nests 32 deep, and the ledger keeps the spec within an item."""

Path = tuple[str | int, ...]


class YamlRefusedError(Exception):
    """The text cannot be read on; `place` says where."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(what)
        self.place = place


@dataclass
class Parsed:
    """A spec file as plain values."""

    values: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    """Line, from 1, on which a key's value or a list's entry stands; empty for JSON."""
    twice: list[tuple[str, str]] = field(default_factory=list)
    """Keys that stand twice in their mapping, each with its place."""

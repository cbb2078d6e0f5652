"""Values out of an event or a spec that anybody may have written: of the type that is meant, or empty."""

import re
from collections.abc import Mapping
from typing import Any

from slipway.intake.names import shorten

_SURROGATE = re.compile("[\ud800-\udfff]")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")


def child(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Take a section."""
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}


def text(value: Any, limit: int | None = None) -> str:
    """Take a text that AWS can be asked about; half a character (a lone surrogate) cannot be sent."""
    return value[:limit] if isinstance(value, str) and not _SURROGATE.search(value) else ""


def line(value: Any, limit: int) -> str:
    """Take a text that people will be shown, as one line."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text(value)).split())[:limit]


def time(value: Any) -> str:
    """Take a time as EventBridge writes it (ISO 8601, UTC)."""
    return value if isinstance(value, str) and _TIME.fullmatch(value) else ""


def shown(value: Any) -> str:
    """Show a value to people."""
    return shorten(value, 80) if isinstance(value, str) else "(none)"

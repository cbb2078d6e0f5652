"""Time zones without a database on the machine: what Lambda's image brings differs, and a freeze must mean the same
there as on the laptop that planned it."""

import struct
from datetime import UTC, tzinfo
from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo

from slipway.intake.zone_table import ZONES

_NO_TRANSITIONS = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0) + b"UTC\0"
"""A TZif file of version 2 that says nothing before its last line (RFC 9636)."""


@cache
def zone_of(name: str) -> tzinfo | None:
    """Look a time zone up by its name in the IANA database; None where there is none of this name.

    It tells the present and the future: the changes of clocks that are over are not in it.
    """
    if name == "UTC":
        return UTC
    rule = _rules().get(name)
    if rule is None:
        return None
    return zone_by_rule(rule, name)


def zone_by_rule(rule: str, name: str) -> ZoneInfo:
    """Make a time zone of a rule (POSIX TZ)."""
    return ZoneInfo.from_file(BytesIO(_NO_TRANSITIONS * 2 + f"\n{rule}\n".encode()), key=name)


@cache
def _rules() -> dict[str, str]:
    """Read the table: each line a rule and the zones that keep it."""
    lines = ZONES.strip().replace("\n ", " ").splitlines()
    return {name: rule for rule, *names in (line.split() for line in lines) for name in names}

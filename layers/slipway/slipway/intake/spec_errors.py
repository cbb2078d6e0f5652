"""What pydantic finds in a spec, said to the person who wrote it: the place, what is wrong, what to do."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Any, get_args, get_type_hints

from slipway.intake.names import readable, shorten
from slipway.intake.parsed import Path
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding

Details = dict[str, Any]
"""One of pydantic's errors: type, loc, input, ctx, msg."""

_SHOWN = 60
_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "dict_type": "a mapping of keys to values",
    "dataclass_type": "a mapping of keys to values",
    "tuple_type": "a list",
}


def place(path: Path) -> str:
    """Write a path as `smoke[0].expect.status`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return readable(text.removeprefix("."), 200)


def finding_of(error: Details, record: type = ReleaseSpec) -> Finding:
    """Say one of pydantic's errors in the words of the spec, or of another record that was read like one."""
    kind = str(error["type"])
    if kind in _WANTED:
        return _wrong_type(error)
    if kind == "unexpected_keyword_argument":
        return _unknown(error, record)
    return _SAYINGS.get(kind, _out_of_bounds)(error)


def _wrong_type(error: Details) -> Finding:
    wanted, got = _WANTED[error["type"]], error["input"]
    next_step = f"Write {wanted}."
    if error["type"] == "string_type" and isinstance(got, bool | int | float):
        next_step = "Put the value in quotes."
    return _finding("SPEC_WRONG_TYPE", error, f"{_shown(error)} is not {wanted}.", next_step)


def _missing(error: Details) -> Finding:
    path = tuple(error["loc"])
    next_step = f"Add {path[-1]}."
    if path == ("serve", "image"):
        next_step = "Name the container image, or give the stack one for all releases (parameter DefaultImage)."
    return _finding("SPEC_MISSING_KEY", error, "This key is missing and has no default.", next_step)


def _unknown(error: Details, record: type) -> Finding:
    path = tuple(error["loc"])
    near = _near(path, record)
    known = ", ".join(_keys(path[:-1], record))
    next_step = f"Did you mean {near}?" if near else f"Known here: {known}."
    return _finding("SPEC_UNKNOWN_KEY", error, "This key is not known.", next_step)


def _not_listed(error: Details) -> Finding:
    path, got = tuple(error["loc"]), error["input"]
    if path == ("schema",) and isinstance(got, int) and got > 1:
        what = f"The schema {shorten(str(got), 20)} is newer than the one that this Slipway reads (1)."
        return _finding("SPEC_SCHEMA_NEWER", error, what, "Upgrade first: deploy the newer Slipway, then release.")
    expected = error["ctx"]["expected"]
    return _finding("SPEC_NOT_ALLOWED", error, f"{_shown(error)} is not allowed here.", f"Write {expected}.")


def _out_of_bounds(error: Details) -> Finding:
    bounds = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, int | float)}
    words = {"ge": "at least", "le": "at most", "gt": "more than", "lt": "less than"}
    for name, word in words.items():
        if name in bounds:
            limit = f"{bounds[name]:g}" if bounds[name] < 1e6 else f"{bounds[name]:.0f}"
            what = f"{_shown(error)} is out of bounds."
            return _finding("SPEC_OUT_OF_BOUNDS", error, what, f"Use {word} {limit}.")
    if "multiple_of" in bounds:
        step = f"Use a multiple of {bounds['multiple_of']:g}."
        return _finding("SPEC_OUT_OF_BOUNDS", error, f"{_shown(error)} lies between the steps.", step)
    if "max_length" in bounds:
        return _finding("SPEC_TOO_LONG", error, "This is too long.", f"Use at most {bounds['max_length']}.")
    if "min_length" in bounds:
        return _finding("SPEC_EMPTY", error, "This must not be empty.", "Give it a value, or leave the key out.")
    return _finding("SPEC_INVALID", error, f"{error['msg']}.", "See docs/release-spec.md.")


_SAYINGS: dict[str, Callable[[Details], Finding]] = {
    "missing": _missing,
    "literal_error": _not_listed,
}


def _finding(code: str, error: Details, what: str, next_step: str) -> Finding:
    return Finding(code, what, next_step, place(tuple(error["loc"])))


def _shown(error: Details) -> str:
    """Show the value, unless it may be a secret."""
    if "environment" in error["loc"]:
        return "the value"
    text = json.dumps(error["input"])
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _keys(path: Path, record: type) -> list[str]:
    """List the keys known at a place of the record."""
    kind: Any = record
    for part in path:
        kind = get_args(kind)[0] if isinstance(part, int) else get_type_hints(kind)[part]
        kind = get_args(kind)[0] if isinstance(kind, UnionType) else kind
    return [each.name for each in fields(kind)]


def _near(path: Path, record: type) -> str:
    """Find the key that was meant: one spelled alike in this place, or one of this name in another section."""
    key, here = _plain(str(path[-1])), _keys(path[:-1], record)
    alike = {_plain(name): name for name in here}
    for close in get_close_matches(key, alike, 1) or [name for name in alike if name.startswith(key)]:
        return place((*path[:-1], alike[close]))
    hints = get_type_hints(record)
    for section, kind in hints.items():
        if is_dataclass(kind):
            names = {_plain(each.name): each.name for each in fields(kind)}
            for close in get_close_matches(key, names, 1, 0.8):
                return f"{section}.{names[close]}"
    return ""


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")

"""From the bytes of a spec file to plain values, refusing what costs too much or cannot be kept."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from slipway.intake.parsed import DEPTH_LIMIT, Parsed, Path, YamlRefusedError
from slipway.release.verdicts import Finding

SIZE_LIMIT = 256 * 1024
"""Bytes of a spec file; the largest event of EventBridge is as large."""

_LARGEST, _SMALLEST = 1e125, 1e-125
"""Magnitudes that a DynamoDB number can hold, rounded inwards."""


def parse(text: bytes, source: str, kinds: tuple[type, ...] = (dict,), what: str = "spec") -> Parsed | Finding:
    """Read a spec file, or another one that is written like it.

    Args:
        text: its bytes; of more than `SIZE_LIMIT` none is looked at.
        source: where it came from; a name that ends in .json is read as JSON, any other one as YAML.
        kinds: what the whole of it may be.
        what: what it is called in a finding.

    Returns:
        The values, or the first thing that makes the file unreadable.
    """
    if len(text) > SIZE_LIMIT:
        most = f"{SIZE_LIMIT // 1024} KB"
        return Finding("SPEC_TOO_LARGE", f"The {what} is larger than {most}.", "Use smaller requests as smoke cases.")
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Finding("SPEC_NOT_UTF8", f"The {what} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.")
    parsed = _parse_json(decoded, what) if source.endswith(".json") else _parse_yaml(decoded, what)
    if isinstance(parsed, Finding):
        return parsed
    if parsed.values is None:
        parsed.values = {}
    if not isinstance(parsed.values, kinds):
        return _unreadable(what, "holds no keys with values", "")
    return parsed


def twice_findings(parsed: Parsed) -> list[Finding]:
    """Tell of every key that stands twice: of the two values only one would count."""
    return [
        Finding("SPEC_KEY_TWICE", f"The key {key!a} stands twice, and only one would count.", "Remove one.", place)
        for key, place in parsed.twice
    ]


def kept(value: Any, faults: dict[Path, str], path: Path = ()) -> Any:
    """Copy values, leaving out what neither JSON nor the ledger can hold.

    Args:
        value: what was read.
        faults: gets, for each place that was left out, what is wrong there.
        path: the place of the value.
    """
    if len(path) > DEPTH_LIMIT:
        faults[path] = f"nests more than {DEPTH_LIMIT} deep"
        return None
    if isinstance(value, Mapping):
        odd = [key for key in value if not isinstance(key, str) or _fault(key)]
        if odd:
            faults[path] = f"has the key {odd[0]!a}, which is no text"
        return {key: kept(child, faults, (*path, key)) for key, child in value.items() if key not in odd}
    if isinstance(value, list):
        return [kept(child, faults, (*path, index)) for index, child in enumerate(value)]
    if fault := _fault(value):
        faults[path] = fault
        return None
    return value


def _fault(value: Any) -> str:
    if isinstance(value, str):
        return "" if value.isascii() or _is_unicode(value) else "holds half of a character"
    if isinstance(value, float):
        return "" if value == 0 or _SMALLEST < abs(value) < _LARGEST else "is no number that can be kept"
    if isinstance(value, int):
        return "" if -(2**63) <= value < 2**63 else "is a whole number of more than 64 bits"
    return "" if value is None else f"is a {type(value).__name__}, which JSON does not have"


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _parse_yaml(text: str, what: str) -> Parsed | Finding:
    from slipway.intake.spec_yaml import parse_yaml

    try:
        return parse_yaml(text)
    except YamlRefusedError as refusal:
        return _unreadable(what, f"cannot be read as YAML: {refusal}", refusal.place)


def _parse_json(text: str, what: str) -> Parsed | Finding:
    parsed = Parsed()

    def take(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counted = Counter(key for key, _ in pairs)
        parsed.twice.extend((key, "") for key, times in counted.items() if times > 1)
        return dict(pairs)

    try:
        parsed.values = json.loads(text, object_pairs_hook=take) if text.strip() else None
    except json.JSONDecodeError as error:
        return _unreadable(what, f"cannot be read as JSON: {error.msg}", f"line {error.lineno}, column {error.colno}")
    except (RecursionError, ValueError):
        return _unreadable(what, "nests too deeply, or holds a number of thousands of digits", "")
    return parsed


def _unreadable(what: str, fault: str, place: str) -> Finding:
    return Finding("SPEC_UNREADABLE", f"The {what} {fault}.", "See docs/release-spec.md for what it may say.", place)

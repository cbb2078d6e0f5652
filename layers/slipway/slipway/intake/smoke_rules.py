"""What smoke cases must keep besides types and bounds; they come from a spec, or from the archive itself."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slipway.intake.names import is_one_line, readable
from slipway.release.json_path import parse_path
from slipway.release.json_schema import faults
from slipway.release.patterns import Pattern
from slipway.release.verdicts import Finding

_HEADERS = (
    "content_type",
    "accept",
    "custom_attributes",
    "target_variant",
    "target_model",
    "target_container",
    "inference_id",
    "session_id",
    "enable_explanations",
)


def smoke_findings(smoke: Any, place: str = "smoke") -> Iterator[Finding]:
    """Hold smoke cases to every rule.

    Args:
        smoke: the list of cases as it was read, of any type.
        place: where the list stands.
    """
    cases = [case if isinstance(case, Mapping) else {} for case in smoke] if isinstance(smoke, list) else []
    names = Counter(str(case.get("name")) for case in cases if case)
    for index, case in enumerate(cases):
        where, name = f"{place}[{index}]", case.get("name")
        given = [key for key in ("body", "json") if case.get(key) is not None]
        if case and len(given) != 1:
            what = "A case has both body and json." if given else "A case has neither body nor json."
            yield Finding("SPEC_SMOKE_REQUEST", what, "Give the request as one of them.", where)
        if isinstance(name, str) and names[name] > 1:
            yield Finding("SPEC_SMOKE_TWICE", f"The name {name[:60]!a} is used twice.", "Rename it.", f"{where}.name")
        for key in ("name", *_HEADERS):
            value = case.get(key)
            if isinstance(value, str) and (not is_one_line(value) or (key != "name" and not value.isascii())):
                yield not_one_line(f"{where}.{key}")
        yield from _expectations(case.get("expect"), f"{where}.expect")


def not_one_line(where: str) -> Finding:
    """Refuse a text that would break a log line or a header."""
    return Finding("SPEC_NOT_ONE_LINE", "This has line breaks or other odd characters.", "Write one plain line.", where)


def _expectations(expect: Any, where: str) -> Iterator[Finding]:
    if not isinstance(expect, Mapping):
        return
    yield from _readable(expect, "matches", Pattern, where)
    if expect.get("schema") is not None:
        for there, what in faults(expect["schema"]):
            step = "See docs/release-spec.md for what of JSON Schema is checked."
            yield Finding("SPEC_SMOKE_SCHEMA", f"At {readable(there, 120)}: {what}.", step, f"{where}.schema")
    checks = expect.get("paths")
    for index, check in enumerate(checks if isinstance(checks, list) else []):
        if isinstance(check, Mapping):
            here = f"{where}.paths[{index}]"
            yield from _readable(check, "path", parse_path, here)
            yield from _readable(check, "matches", Pattern, here)


def _readable(values: Mapping[str, Any], key: str, read: Callable[[str], object], where: str) -> Iterator[Finding]:
    text = values.get(key)
    if not isinstance(text, str):
        return
    try:
        read(text)
    except ValueError as error:
        kind = "path" if key == "path" else "regular expression"
        step = "See docs/release-spec.md for what it may hold."
        yield Finding("SPEC_SMOKE_UNREADABLE", f"This {kind} cannot be read: {error}.", step, f"{where}.{key}")

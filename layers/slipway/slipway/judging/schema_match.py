"""Whether a JSON value is as a JSON Schema says, and if not, where it is otherwise; see `release.json_schema`."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.judging.json_match import is_number, shown
from slipway.release.json_schema import definitions
from slipway.release.patterns import Pattern

DEPTH = 100
"""Levels of a value that a schema is followed into."""

EFFORT = 200_000
"""Steps that one answer is judged with: references that fan out may ask for more than anybody can wait for."""

MATCHED = 10_000
"""Characters of a text that a pattern sees; a longer text does not match."""

_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


class TooMuchError(Exception):
    """The answer, or the schema, asks for more work than one answer is worth."""


def violations(schema: Any, value: Any) -> Iterator[str]:
    """Tell each place at which a value is not as a schema says.

    Args:
        schema: one without faults.
        value: what the model answered, as `json` reads it; NaN and infinity are of no type.
    """
    try:
        yield from _Judge(definitions(schema)).judged(schema, value, "$", 0)
    except TooMuchError as error:
        yield str(error)


def canonical(value: Any) -> str:
    """Write a value so that equal ones are written alike, as JSON Schema means equal: 1 is 1.0, but not true."""
    try:
        return json.dumps(_plain(value), sort_keys=True)
    except RecursionError as error:
        raise TooMuchError("the answer nests too deeply to be compared") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kinds(value: Any) -> set[str]:
    if not is_number(value):
        return {_KINDS[type(value)]}
    if isinstance(value, float) and not math.isfinite(value):
        return set()
    return {"number", "integer"} if value == math.floor(value) else {"number"}


class _Judge:
    """Judges one answer, with one budget for all of it."""

    def __init__(self, defined: Mapping[str, Any]) -> None:
        self._defined = defined
        self._left = EFFORT

    def judged(self, schema: Any, value: Any, place: str, depth: int) -> Iterator[str]:
        """Tell what is wrong with the value at a place."""
        self._spend(1)
        if depth > DEPTH:
            raise TooMuchError(f"the answer nests deeper than {DEPTH} levels")
        if isinstance(schema, bool):
            if not schema:
                yield f"{place} is {shown(value)}, where nothing may be"
            return
        yield from self._itself(schema, value, place)
        if isinstance(value, str):
            yield from self._text(schema, value, place)
        elif isinstance(value, list):
            yield from self._entries(schema, value, place, depth + 1)
        elif isinstance(value, dict):
            yield from self._members(schema, value, place, depth + 1)
        elif is_number(value):
            yield from _bounds(schema, value, place)
        yield from self._together(schema, value, place, depth)

    def _spend(self, effort: int) -> None:
        self._left -= effort
        if self._left < 0:
            raise TooMuchError("the schema asks for more work than one answer is worth")

    def _itself(self, schema: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
        wanted = schema.get("type", [])
        named = wanted if isinstance(wanted, list) else [wanted]
        if named and not _kinds(value).intersection(named):
            yield f"{place} is {shown(value)}, which is no {' or '.join(named)}"
        if "const" in schema:
            yield from self._one_of([schema["const"]], value, place)
        if "enum" in schema:
            yield from self._one_of(schema["enum"], value, place)

    def _one_of(self, allowed: Sequence[Any], value: Any, place: str) -> Iterator[str]:
        self._spend(len(allowed))
        if canonical(value) not in {canonical(one) for one in allowed}:
            yield f"{place} is {shown(value)} instead of {' or '.join(shown(one) for one in allowed[:5])}"

    def _text(self, schema: Mapping[str, Any], value: str, place: str) -> Iterator[str]:
        yield from _count(schema, "Length", len(value), f"{place} has", "characters")
        if "pattern" not in schema:
            return
        pattern = Pattern(schema["pattern"])
        self._spend(len(value[:MATCHED]) * pattern.size // 10)
        if len(value) > MATCHED or not pattern.is_in(value):
            yield f"{place} is {shown(value)}, which does not match {shown(schema['pattern'])}"

    def _entries(self, schema: Mapping[str, Any], value: list[Any], place: str, depth: int) -> Iterator[str]:
        yield from _count(schema, "Items", len(value), f"{place} has", "entries")
        if schema.get("uniqueItems"):
            self._spend(len(value))
            if len({canonical(entry) for entry in value}) < len(value):
                yield f"{place} has equal entries"
        first = schema.get("prefixItems", [])
        for index, entry in enumerate(value):
            part = first[index] if index < len(first) else schema.get("items", True)
            yield from self.judged(part, entry, f"{place}[{index}]", depth)

    def _members(self, schema: Mapping[str, Any], value: dict[str, Any], place: str, depth: int) -> Iterator[str]:
        yield from _count(schema, "Properties", len(value), f"{place} has", "keys")
        yield from (f"{place}.{name} is missing" for name in schema.get("required", ()) if name not in value)
        known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, member in value.items():
            there = f"{place}.{shown(name)[1:-1]}"
            if "propertyNames" in schema:
                yield from self.judged(schema["propertyNames"], name, f"the key {there}", depth)
            if name not in known and other is False:
                yield f"{there} is there but not expected"
            else:
                yield from self.judged(known.get(name, other), member, there, depth)

    def _together(self, schema: Mapping[str, Any], value: Any, place: str, depth: int) -> Iterator[str]:
        """Hold the value to the schemas that say something of the same place."""
        if "$ref" in schema:
            yield from self.judged(self._defined[schema["$ref"]], value, place, depth)
        for part in schema.get("allOf", ()):
            yield from self.judged(part, value, place, depth)
        if "not" in schema and self._fits(schema["not"], value, place, depth):
            yield f"{place} is {shown(value)}, which is what it must not be"
        for keyword, word in (("anyOf", "none"), ("oneOf", "not exactly one")):
            if keyword in schema:
                fitting = sum(self._fits(part, value, place, depth) for part in schema[keyword])
                if fitting == 0 or (keyword == "oneOf" and fitting > 1):
                    yield f"{place} is {shown(value)}, which fits {word} of {keyword}"

    def _fits(self, schema: Any, value: Any, place: str, depth: int) -> bool:
        return next(self.judged(schema, value, place, depth), None) is None


def _count(schema: Mapping[str, Any], what: str, count: int, has: str, unit: str) -> Iterator[str]:
    low, high = schema.get(f"min{what}", 0), schema.get(f"max{what}")
    if count < low:
        yield f"{has} {count} {unit}, fewer than {low}"
    if high is not None and count > high:
        yield f"{has} {count} {unit}, more than {high}"


def _bounds(schema: Mapping[str, Any], value: float, place: str) -> Iterator[str]:
    if "minimum" in schema and not value >= schema["minimum"]:
        yield f"{place} is {shown(value)}, less than {schema['minimum']}"
    if "maximum" in schema and not value <= schema["maximum"]:
        yield f"{place} is {shown(value)}, more than {schema['maximum']}"
    if "exclusiveMinimum" in schema and not value > schema["exclusiveMinimum"]:
        yield f"{place} is {shown(value)}, not more than {schema['exclusiveMinimum']}"
    if "exclusiveMaximum" in schema and not value < schema["exclusiveMaximum"]:
        yield f"{place} is {shown(value)}, not less than {schema['exclusiveMaximum']}"

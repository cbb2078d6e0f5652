"""JSON Schema (draft 2020-12) as far as a spec may say it of an answer, and what is wrong with a schema.

A stated subset, read as the draft means it; whatever is outside is a fault when the spec is read, never ignored. A
reference leads to `#` or `#/$defs/<name>`, and not in a circle. Patterns are those of `patterns`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slipway.release.patterns import Pattern

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")

HERE = ("allOf", "anyOf", "oneOf")
"""Keywords with a list of schemas for the same value; `not` and `$ref` have one."""

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SAYS_NOTHING = {"$comment", "title", "description", "default", "examples", "deprecated"}
_SAYS_NOTHING |= {"readOnly", "writeOnly"}
_ONE = ("additionalProperties", "propertyNames", "items", "not")
_LISTED = ("prefixItems", *HERE)

Fault = tuple[str, str]
"""Where in the schema, and what is wrong there."""


def faults(schema: Any) -> Iterator[Fault]:
    """Tell everything that makes a value no schema of this subset; its own nesting bounds the recursion."""
    defined = definitions(schema)
    yield from _faults(schema, "#", defined)
    yield from _circles(defined)


def definitions(schema: Any) -> Mapping[str, Any]:
    """Give what references may lead to: reference → schema."""
    defs = schema.get("$defs") if isinstance(schema, dict) else None
    named = defs if isinstance(defs, dict) else {}
    return {"#": schema} | {f"#/$defs/{_escaped(name)}": part for name, part in named.items()}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _faults(schema: Any, place: str, defined: Mapping[str, Any]) -> Iterator[Fault]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield place, "a schema is a mapping, true or false"
        return
    for keyword, value in schema.items():
        if said := _wrong(keyword, value, place, defined):
            yield f"{place}/{_escaped(keyword)}", said
    yield from _parts(schema, place, defined)


def _wrong(keyword: str, value: Any, place: str, defined: Mapping[str, Any]) -> str:
    """Say what is wrong with a keyword, or with its value if that is no schema; empty if nothing is."""
    if keyword in _WORDS:
        return _WORDS[keyword](value)
    if keyword == "$ref":
        return "" if isinstance(value, str) and value in defined else "it leads nowhere; write # or #/$defs/<name>"
    if keyword == "$defs":
        return "" if place == "#" else "$defs stands at the root only"
    if keyword == "$schema":
        return "" if value in (_DRAFT, f"{_DRAFT}#") else f"only {_DRAFT} is read"
    known = (*_ONE, *_LISTED, "properties", *_SAYS_NOTHING)
    return "" if keyword in known else "this keyword is not in the subset that is checked"


def _parts(schema: Mapping[str, Any], place: str, defined: Mapping[str, Any]) -> Iterator[Fault]:
    """Tell the faults of all schemas within one."""
    for keyword in _ONE:
        if keyword in schema:
            yield from _faults(schema[keyword], f"{place}/{keyword}", defined)
    for keyword in _LISTED:
        listed = schema.get(keyword, [True])
        if not isinstance(listed, list) or not listed:
            yield f"{place}/{keyword}", "this is a list of schemas, at least one"
            continue
        for index, part in enumerate(listed):
            yield from _faults(part, f"{place}/{keyword}/{index}", defined)
    for keyword in ("properties", "$defs"):
        named = schema.get(keyword, {})
        if not isinstance(named, dict):
            yield f"{place}/{keyword}", "this is a mapping of names to schemas"
            continue
        for name, part in named.items():
            yield from _faults(part, f"{place}/{keyword}/{_escaped(name)}", defined)


def _circles(defined: Mapping[str, Any]) -> Iterator[Fault]:
    """Find references that come back to where they began without having gone into the value."""
    for start, begun in defined.items():
        seen, todo = set[str](), list(_references(begun))
        while todo:
            reference = todo.pop()
            if reference in defined and reference not in seen:
                seen.add(reference)
                todo += _references(defined[reference])
        if start in seen:
            yield start, "its references lead in a circle"


def _references(schema: Any) -> Iterator[str]:
    """Give the references for the same value as the schema's."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"]
    for keyword in HERE:
        for part in schema[keyword] if isinstance(schema.get(keyword), list) else []:
            yield from _references(part)
    yield from _references(schema.get("not"))


def _count(value: Any) -> str:
    return "" if type(value) is int and value >= 0 else "this is a whole number, 0 or more"


def _number(value: Any) -> str:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return "" if good else "this is a number"


def _type(value: Any) -> str:
    named = value if isinstance(value, list) else [value]
    good = named and all(isinstance(name, str) and name in TYPES for name in named) and len(set(named)) == len(named)
    return "" if good else f"this is one or several of {', '.join(TYPES)}"


def _names(value: Any) -> str:
    good = isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)
    return "" if good else "this is a list of names, each once"


def _pattern(value: Any) -> str:
    if not isinstance(value, str):
        return "this is a regular expression"
    try:
        Pattern(value)
    except ValueError as error:
        return f"this regular expression cannot be read: {error}"
    return ""


_WORDS: dict[str, Callable[[Any], str]] = {
    "type": _type,
    "enum": lambda value: "" if isinstance(value, list) and value else "this is a list of values, at least one",
    "const": lambda _: "",
    "required": _names,
    "pattern": _pattern,
    "uniqueItems": lambda value: "" if isinstance(value, bool) else "this is true or false",
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"), _count),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
}
"""Keywords whose value is no schema, with what is wrong with a value, empty if nothing."""

KEYWORDS = ("$ref", "$defs", *_WORDS, "properties", *_ONE, *_LISTED)
"""All that is checked."""

"""From records to a JSON Schema with descriptions, and to tables for a page: what stands under a field explains it."""

import ast
import inspect
import json
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

Schema = dict[str, Any]


def describe(record: str, schema: Schema, modules: Sequence[ModuleType]) -> dict[str, Schema]:
    """Put the texts under the fields of records into their schema.

    Args:
        record: name of the outermost record.
        schema: as pydantic gives it; it is changed.
        modules: where the records are defined.

    Returns:
        The schema of each record, by its name.
    """
    parts = {record: schema, **schema["$defs"]}
    for name, part in parts.items():
        meanings = _meanings(name, modules)
        for key, each in part["properties"].items():
            each.pop("title", None)
            section = schema["$defs"].get(each.get("$ref", "").rpartition("/")[2], {})
            each["description"] = meanings.get(key) or section["description"]
    return parts


def tables(schema: Schema) -> Iterator[str]:
    """Give a table of the keys of each section, as lines of Markdown; one that stands at two places is told once."""
    yield from _table("The whole", schema)
    told = list[Schema]()
    for place, section in _places(schema, schema["$defs"]):
        if section not in told:
            yield from _table(f"`{place}`", section)
            told.append(section)


def _places(part: Schema, sections: Schema, above: str = "") -> Iterator[tuple[str, Schema]]:
    """List the sections of the spec, each where it stands."""
    for key, each in part["properties"].items():
        reference = _reference(each) or each.get("items", {}).get("$ref")
        if reference:
            section = sections[reference.rpartition("/")[2]]
            place = f"{above}{key}{'[]' if 'items' in each else ''}"
            yield place, section
            yield from _places(section, sections, f"{place}.")


def _reference(each: Schema) -> str:
    """Give the address of the section that stands at a key, also of one that may be left out; else an empty text."""
    return str(next((one["$ref"] for one in (each, *each.get("anyOf", [])) if "$ref" in one), ""))


def _table(title: str, part: Schema) -> Iterator[str]:
    yield f"## {title}\n\n{part['description']}\n"
    yield "| key | value | default | meaning |\n|---|---|---|---|"
    required = part.get("required", [])
    for key, each in part["properties"].items():
        default = "required" if key in required else _default(each)
        meaning = each["description"].replace("|", "\\|")
        yield f"| `{key}` | {_value(each)} | {default} | {meaning} |"
    yield ""


def _default(each: Schema) -> str:
    if each.get("default") in (None, "", []):
        return ""
    return f"`{json.dumps(each['default'])}`"


def _value(each: Schema) -> str:
    """Say in a few words what may stand at a key."""
    if _reference(each) or "$ref" in each.get("items", {}):
        return "list of sections" if "items" in each else "section"
    if "anyOf" in each:
        return _value(next(one for one in each["anyOf"] if one["type"] != "null"))
    if "const" in each or "enum" in each:
        return " or ".join(f"`{json.dumps(one)}`" for one in each.get("enum", [each.get("const")]))
    kinds = {
        "integer": "whole number",
        "string": "text",
        "array": "list of texts",
        "object": "texts by name",
        "boolean": "true or false",
    }
    kind = kinds.get(each.get("type", ""), str(each.get("type", "any JSON")))
    if "enum" in each.get("items", {}):
        kind = f"list of {_value(each['items'])}"
    elif each.get("additionalProperties", {}).get("type") == "number":
        kind = "numbers by name"
    if "exclusiveMinimum" in each:
        kind += f", more than {each['exclusiveMinimum']:g}"
    low, high = each.get("minimum"), each.get("maximum")
    if low is not None:
        kind += f", {low} to {high}" if high is not None else f", at least {low}"
    most = next((each[name] for name in ("maxLength", "maxItems", "maxProperties") if name in each), None)
    return kind if most is None else f"{kind}, at most {most}"


def _meanings(name: str, modules: Sequence[ModuleType]) -> dict[str, str]:
    """Read the texts under the fields of a record."""
    found = next(getattr(module, name) for module in modules if hasattr(module, name))
    (record,) = ast.parse(inspect.getsource(found)).body
    meanings: dict[str, str] = {}
    for field, text in zip(record.body, record.body[1:], strict=False):  # type: ignore[attr-defined]
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            meanings[field.target.id] = ast.literal_eval(text.value)
    return meanings

"""Checks a value against a shape of botocore's model and says what AWS says about each constraint it fails."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.shapes import pattern


def check(shape: StructureShape, value: Mapping[str, Any], code: str = "ValidationException") -> None:
    """Refuse a request whose values fail constraints of the model, naming all of them.

    Args:
        shape: the operation's input.
        value: the parsed request.
        code: the error's name; the runtime calls it ValidationError.

    Raises:
        ServiceError: `N validation error(s) detected: …`.
    """
    found = list(failures(shape, value, ""))
    if found:
        errors = "error" if len(found) == 1 else "errors"
        raise ServiceError(code, f"{len(found)} validation {errors} detected: {'; '.join(found)}")


def failures(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Name each constraint that a value fails, with its lowerCamelCase path."""
    constraints = list(_own_failures(shape, value))
    yield from (
        f"Value {_shown(value)} at '{path}' failed to satisfy constraint: {constraint}" for constraint in constraints
    )
    if isinstance(shape, StructureShape):
        yield from _member_failures(shape, value, path)
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value, 1):
            yield from failures(shape.member, item, f"{path}.{number}.member")


def _member_failures(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    required = shape.required_members
    for name, member in shape.members.items():
        inner = f"{path}.{_lower_camel(name)}" if path else _lower_camel(name)
        if name in value:
            yield from failures(member, value[name], inner)
        elif name in required:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _own_failures(shape: Shape, value: Any) -> Iterator[str]:
    if isinstance(shape, MapShape):
        yield from _size_failures(shape, len(value), "length")
        yield from _entry_failures("keys", shape.key, value.keys())
        yield from _entry_failures("value", shape.value, value.values())
    elif isinstance(shape, StringShape):
        yield from _text_failures(shape, value)
    elif isinstance(shape, ListShape):
        yield from _size_failures(shape, len(value), "length")
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _size_failures(shape, value, "value")
    elif shape.type_name == "blob":
        yield from _size_failures(shape, len(value), "length")


def _text_failures(shape: StringShape, value: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    yield from _size_failures(shape, len(value), "length")
    wanted = shape.metadata.get("pattern")
    if wanted and not pattern(wanted).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {wanted}"


def _size_failures(shape: Shape, size: float, what: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"Member must have {what} greater than or equal to {least}"
    if most is not None and size > most:
        yield f"Member must have {what} less than or equal to {most}"


def _entry_failures(what: str, shape: Shape, entries: Any) -> Iterator[str]:
    found = dict.fromkeys(failure for entry in entries for failure in _own_failures(shape, entry))
    if found:
        yield f"Map {what} must satisfy constraint: [{', '.join(found)}]"


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return f"'{len(value)} bytes'"
    return f"'{value if isinstance(value, str) else json.dumps(value, default=str)}'"

"""Checks a value against a shape of botocore's model and says what AWS says about each constraint it fails."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.wire.java_patterns import compiled

_NUMBERS = ("integer", "long", "float", "double")


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
    for constraint in _failed(shape, value):
        yield f"Value {_quoted(value)} at '{path}' failed to satisfy constraint: {constraint}"
    if isinstance(shape, StructureShape):
        yield from _member_failures(shape, value, path)
    elif isinstance(shape, ListShape) and not _is_plain(shape.member):
        for number, item in enumerate(value, 1):
            yield from failures(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and not _is_plain(shape.value):
        for key, item in value.items():
            yield from failures(shape.value, item, f"{path}.{key}.member")


def _member_failures(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    required = shape.required_members
    for name, member in shape.members.items():
        inner = f"{path}.{_lower_camel(name)}" if path else _lower_camel(name)
        if name in value:
            yield from failures(member, value[name], inner)
        elif name in required:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _failed(shape: Shape, value: Any) -> Iterator[str]:
    """Give the constraints that a value fails by itself; items of collections of plain values belong to it.

    A list or map of plain values names all constraints of its items as soon as one fails.
    Source: answers of AWS to RequestCertificate (subjectAlternativeNames) and CreateFunctionUrlConfig (allowMethods).
    """
    yield from (text for text, holds in _constraints(shape, value) if not holds)
    if isinstance(shape, ListShape):
        yield from _item_failures("Member", shape.member, value)
    elif isinstance(shape, MapShape):
        yield from _item_failures("Map keys", shape.key, value.keys())
        yield from _item_failures("Map value", shape.value, value.values())


def _item_failures(what: str, shape: Shape, items: Iterable[Any]) -> Iterator[str]:
    if not _is_plain(shape):
        return
    for item in items:
        judged = list(_constraints(shape, item))
        if not all(holds for _, holds in judged):
            yield f"{what} must satisfy constraint: [{', '.join(text for text, _ in judged)}]"
            return


def _constraints(shape: Shape, value: Any) -> Iterator[tuple[str, bool]]:
    """Give each constraint of a shape, and whether a value keeps it."""
    is_number = shape.type_name in _NUMBERS
    if is_number or isinstance(shape, StringShape | ListShape | MapShape) or shape.type_name == "blob":
        what, size = ("value", value) if is_number else ("length", len(value))
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if most is not None:
            yield f"Member must have {what} less than or equal to {most}", size <= most
        if least is not None:
            yield f"Member must have {what} greater than or equal to {least}", size >= least
    if isinstance(shape, StringShape):
        wanted = shape.metadata.get("pattern")
        if wanted:
            yield f"Member must satisfy regular expression pattern: {wanted}", bool(compiled(wanted).fullmatch(value))
        if shape.enum:
            yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]", value in shape.enum


def _is_plain(shape: Shape) -> bool:
    return not isinstance(shape, StructureShape | ListShape | MapShape)


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _quoted(value: Any) -> str:
    return f"'{len(value)} bytes'" if isinstance(value, bytes) else f"'{_shown(value)}'"


def _shown(value: Any) -> str:
    """Write a value as AWS quotes it, which is as Java prints it."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}={_shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)

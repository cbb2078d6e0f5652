"""The control plane on the wire: AWS JSON 1.1, parsed and written by botocore's own service model."""

import json
import math
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, OperationNotFoundError, Shape, StructureShape

from drydock.sagemaker.errors import ServiceError, unknown_operation
from drydock.sagemaker.wire import constraints, shapes

TARGET = "x-amz-target"
CONTENT_TYPE = "application/x-amz-json-1.1"
_NUMBERS: dict[str, type[int] | type[float]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "timestamp": float,
}
_JSON_TYPES = {
    str: "STRING_VALUE",
    bool: "TRUE_VALUE",
    int: "NUMBER_VALUE",
    float: "DECIMAL_VALUE",
    list: "START_ARRAY",
    dict: "START_OBJECT",
}


def operation_of(headers: Mapping[str, str], service: str = shapes.CONTROL) -> str:
    """Read the name of the operation from X-Amz-Target.

    Args:
        headers: of the request, names in lower case.
        service: whose operation it must be, by its name in botocore.

    Raises:
        ServiceError: UnknownOperationException, AWS has no such operation.
    """
    target = headers.get(TARGET, "")
    prefix, _, name = target.partition(".")
    try:
        shapes.operation(service, name if prefix == shapes.service(service).metadata["targetPrefix"] else "")
    except OperationNotFoundError:
        raise unknown_operation(target) from None
    return name


def parse(operation: str, body: bytes, service: str = shapes.CONTROL) -> dict[str, Any]:
    """Parse and validate a request.

    Returns:
        The members that the operation knows; unknown ones and nulls are dropped, as AWS does. Timestamps as seconds.

    Raises:
        ServiceError: SerializationException for wrong types, ValidationException for failed constraints.
    """
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        raise ServiceError("SerializationException", "Could not parse the request as JSON") from None
    shape = shapes.operation(service, operation).input_shape
    if not isinstance(shape, StructureShape):
        return {}
    request: dict[str, Any] = _read(shape, document)
    constraints.check(shape, request)
    return request


def serialise(operation: str, result: Mapping[str, Any], service: str = shapes.CONTROL) -> bytes:
    """Write an answer: the members of the model, without those that are None, timestamps as epoch seconds."""
    shape = shapes.operation(service, operation).output_shape
    return json.dumps(_written(shape, result)).encode() if shape else b""


def serialise_error(error: ServiceError) -> bytes:
    """Write a refusal."""
    return json.dumps({"__type": error.code, "message": error.message, **error.members}).encode()


def _read(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        _expect(dict, value, "structure")
        return {
            name: _read(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_read(shape.member, item) for item in _expect(list, value, "Collection")]
    if isinstance(shape, MapShape):
        return {key: _read(shape.value, item) for key, item in _expect(dict, value, "Map").items()}
    if shape.type_name == "boolean":
        return _expect(bool, value, "Boolean")
    if shape.type_name in _NUMBERS:
        return _number(shape.type_name, value)
    return _expect(str, value, "String")


def _expect(kind: type, value: Any, name: str) -> Any:
    if not isinstance(value, kind):
        raise ServiceError("SerializationException", f"{_json_type(value)} can not be converted to a {name}")
    return value


def _number(type_name: str, value: Any) -> float:
    kind = _NUMBERS[type_name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ServiceError("SerializationException", f"{_json_type(value)} can not be converted to a {type_name}")
    if not math.isfinite(value) or (kind is int and value != int(value)):
        raise ServiceError("SerializationException", f"DECIMAL_VALUE can not be converted to a {type_name}")
    return kind(value)


def _json_type(value: Any) -> str:
    return _JSON_TYPES.get(type(value), "NULL_VALUE")


def _written(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {name: _written(shape.members[name], item) for name, item in value.items() if item is not None}
    if isinstance(shape, ListShape):
        return [_written(shape.member, item) for item in value]
    return round(value, 3) if shape.type_name == "timestamp" else value

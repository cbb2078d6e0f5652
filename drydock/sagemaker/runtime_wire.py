"""The runtime on the wire: REST paths and headers of InvokeEndpoint, from botocore's own service model."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from botocore.model import StructureShape

from drydock.sagemaker import constraints, shapes
from drydock.sagemaker.errors import ServiceError

LARGEST_BODY = 6 * 1024 * 1024
"""Bytes of a request body: the limit of BodyBlob in the service model (the guide's FAQ says 25 MB)."""
_PREFIX, _SUFFIX = "/endpoints/", "/invocations"


def endpoint_of(path: str) -> str | None:
    """Read the endpoint's name from the path of an invocation; None for another path."""
    if not path.startswith(_PREFIX) or not path.endswith(_SUFFIX):
        return None
    name = path[len(_PREFIX) : -len(_SUFFIX)]
    return unquote(name) if name and "/" not in name else None


def parse(name: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Parse and validate an invocation.

    Args:
        name: the endpoint's.
        headers: names in lower case.
        body: the payload.

    Returns:
        The members of InvokeEndpoint that were sent.

    Raises:
        ServiceError: ValidationError for failed constraints, 413 for a body that is too large.
    """
    if len(body) > LARGEST_BODY:
        raise ServiceError("RequestEntityTooLarge", f"Request body exceeds {LARGEST_BODY} bytes.", 413)
    shape = shapes.operation(shapes.RUNTIME, "InvokeEndpoint").input_shape
    if not isinstance(shape, StructureShape):
        raise TypeError("InvokeEndpoint has no input")
    request: dict[str, Any] = {"EndpointName": name, "Body": body}
    for member, inner in shape.members.items():
        sent = headers.get(inner.serialization.get("name", "").lower())
        if sent is not None and inner.serialization.get("location") == "header":
            request[member] = sent
    constraints.check(shape, request, "ValidationError")
    return request


def error_answer(error: ServiceError) -> tuple[dict[str, str], bytes]:
    """Write a refusal: its code in a header, its members in the body."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return headers, json.dumps({"Message": error.message, **error.members}).encode()

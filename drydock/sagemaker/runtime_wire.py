"""The runtime on the wire: REST paths and headers of InvokeEndpoint, from botocore's own service model."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from botocore.model import StructureShape

from drydock.sagemaker import constraints, event_stream, shapes
from drydock.sagemaker.errors import ServiceError

LARGEST_BODY = 6 * 1024 * 1024
"""Bytes of a request body: the limit of BodyBlob in the service model (the guide's FAQ says 25 MB)."""
INVOKE, STREAM = "InvokeEndpoint", "InvokeEndpointWithResponseStream"
_PREFIX = "/endpoints/"
_SUFFIXES = {"invocations": INVOKE, "invocations-response-stream": STREAM}
_STREAM_CONTENT_TYPE = "X-Amzn-SageMaker-Content-Type"


def target_of(path: str) -> tuple[str, str] | None:
    """Read the operation and the endpoint's name from the path of an invocation; None for another path."""
    if not path.startswith(_PREFIX):
        return None
    name, _, suffix = path[len(_PREFIX) :].partition("/")
    return (_SUFFIXES[suffix], unquote(name)) if name and suffix in _SUFFIXES else None


def parse(operation: str, name: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Parse and validate an invocation.

    Args:
        operation: INVOKE or STREAM.
        name: the endpoint's.
        headers: names in lower case.
        body: the payload.

    Returns:
        The members of the operation that were sent.

    Raises:
        ServiceError: ValidationError for failed constraints, 413 for a body that is too large.
    """
    if len(body) > LARGEST_BODY:
        raise ServiceError("RequestEntityTooLarge", f"Request body exceeds {LARGEST_BODY} bytes.", 413)
    shape = shapes.operation(shapes.RUNTIME, operation).input_shape
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{operation} has no input")
    request: dict[str, Any] = {"EndpointName": name, "Body": body}
    for member, inner in shape.members.items():
        sent = headers.get(inner.serialization.get("name", "").lower())
        if sent is not None and inner.serialization.get("location") == "header":
            request[member] = sent
    constraints.check(shape, request, "ValidationError")
    return request


def answer(operation: str, headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    """Write what a model answered: as it is, or as a stream of events with the type in a header of its own."""
    if operation != STREAM:
        return dict(headers), body
    written = {_STREAM_CONTENT_TYPE if name == "Content-Type" else name: value for name, value in headers.items()}
    return {**written, "Content-Type": event_stream.CONTENT_TYPE}, b"".join(event_stream.payload_parts(body))


def error_answer(error: ServiceError) -> tuple[dict[str, str], bytes]:
    """Write a refusal: its code in a header, its members in the body."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return headers, json.dumps({"Message": error.message, **error.members}).encode()

"""The runtime on the wire: REST paths and headers of InvokeEndpoint, from botocore's own service model."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from botocore.model import StructureShape

from drydock.sagemaker import constraints, event_stream, shapes
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.rules import Rules

INVOKE, STREAM, ASYNC = "InvokeEndpoint", "InvokeEndpointWithResponseStream", "InvokeEndpointAsync"
_PREFIX = "/endpoints/"
_SUFFIXES = {"invocations": INVOKE, "invocations-response-stream": STREAM, "async-invocations": ASYNC}
_STREAM_CONTENT_TYPE = "X-Amzn-SageMaker-Content-Type"


def target_of(path: str) -> tuple[str, str] | None:
    """Read the operation and the endpoint's name from the path of an invocation; None for another path."""
    if not path.startswith(_PREFIX):
        return None
    name, _, suffix = path[len(_PREFIX) :].partition("/")
    return (_SUFFIXES[suffix], unquote(name)) if name and suffix in _SUFFIXES else None


def parse(
    operation: str, name: str, headers: Mapping[str, str], body: bytes, largest_body: int = Rules.largest_body
) -> dict[str, Any]:
    """Parse and validate an invocation.

    Args:
        operation: INVOKE, STREAM or ASYNC.
        name: the endpoint's.
        headers: names in lower case.
        body: the payload.
        largest_body: bytes that it may have.

    Returns:
        The members of the operation that were sent.

    Raises:
        ServiceError: ValidationError for failed constraints, 413 for a body that is too large.
    """
    if len(body) > largest_body:
        raise ServiceError("RequestEntityTooLarge", f"Request body exceeds {largest_body} bytes.", 413)
    shape = shapes.operation(shapes.RUNTIME, operation).input_shape
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{operation} has no input")
    request: dict[str, Any] = {"EndpointName": name}
    for member, inner in shape.members.items():
        sent = headers.get(inner.serialization.get("name", "").lower())
        if sent is not None and inner.serialization.get("location") == "header":
            request[member] = _whole_number(member, sent) if inner.type_name == "integer" else sent
    if operation == ASYNC:
        request |= {"Body": body} if body else {}
        constraints.check(shape, request, "ValidationError")
        return request
    constraints.check(shape, {**request, "Body": b""}, "ValidationError")  # its own limit is `largest_body`
    return {**request, "Body": body}


def _whole_number(member: str, sent: str) -> int:
    try:
        return int(sent)
    except ValueError:
        raise ServiceError("SerializationException", f"{member} is not a whole number: {sent}") from None


def async_answer(inference_id: str, output: str, failure: str) -> tuple[int, dict[str, str], bytes]:
    """Write that a request is in the queue.

    Args:
        inference_id: the request's.
        output: where its answer will be; "" for nowhere.
        failure: where the answer of a model that fails will be; "" for nowhere.
    """
    places = {"X-Amzn-SageMaker-OutputLocation": output, "X-Amzn-SageMaker-FailureLocation": failure}
    headers = {"Content-Type": "application/json", **{name: place for name, place in places.items() if place}}
    return 202, headers, json.dumps({"InferenceId": inference_id}).encode()


def stream_answer(headers: Mapping[str, str]) -> dict[str, str]:
    """Write the headers of an answer that comes as a stream of events: the model's type is in a header of its own."""
    written = {_STREAM_CONTENT_TYPE if name == "Content-Type" else name: value for name, value in headers.items()}
    return {**written, "Content-Type": event_stream.CONTENT_TYPE}


def error_answer(error: ServiceError) -> tuple[dict[str, str], bytes]:
    """Write a refusal: its code in a header, its members in the body."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return headers, json.dumps({"Message": error.message, **error.members}).encode()

"""The runtime on the wire: REST paths and headers of InvokeEndpoint, from botocore's own service model."""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote

from botocore.model import StructureShape

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.rules import Rules
from drydock.sagemaker.wire import constraints, event_stream, shapes

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
    request: dict[str, Any] = {"EndpointName": name}
    for member, header, kind in _headers(operation):
        sent = headers.get(header)
        if sent is not None:
            request[member] = _whole_number(member, sent) if kind == "integer" else sent
    if operation == ASYNC:
        request |= {"Body": body} if body else {}
        constraints.check(_shape(operation), request, "ValidationError")
        return request
    if not all(_holds(operation, member, value) for member, value in request.items()):
        # The body's own limit is `largest_body`.
        constraints.check(_shape(operation), {**request, "Body": b""}, "ValidationError")
    return {**request, "Body": body}


@cache
def _shape(operation: str) -> StructureShape:
    shape = shapes.operation(shapes.RUNTIME, operation).input_shape
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{operation} has no input")
    return shape


@cache
def _headers(operation: str) -> list[tuple[str, str, str]]:
    """Give the members of an operation that come as headers: name, the header's in lower case, type."""
    members = _shape(operation).members.items()
    sent = [(member, inner) for member, inner in members if inner.serialization.get("location") == "header"]
    return [(member, inner.serialization["name"].lower(), inner.type_name) for member, inner in sent]


@lru_cache(maxsize=4096)
def _holds(operation: str, member: str, value: str | int) -> bool:
    """Whether a member keeps its constraints; remembered, as clients send the same values again and again."""
    return not any(constraints.failures(_shape(operation).members[member], value, member))


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

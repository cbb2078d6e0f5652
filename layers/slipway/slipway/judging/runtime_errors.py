"""What an error code of the SageMaker runtime, or the name of a broken connection's error, says of a model: nothing.

Only `ModelError` comes from the container. What the others call for differs: ask again, correct the request, or tell
whoever runs this installation.
"""

MODEL_ERROR = "ModelError"

_RETRYABLE = {
    "ModelNotReadyException",
    "ServiceUnavailable",
    "InternalDependencyException",
    "InternalFailure",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    *("429", "500", "502", "503", "504", "530"),
}
"""Errors of the runtime that pass by themselves (InvokeEndpoint, Errors, in the SageMaker API reference); an answer
without an error code is called by its HTTP status."""

_BROKEN_LINE = ("ConnectionError", "ConnectTimeoutError", "ClosedError", "SSLError", "ClientError", "StreamingError")
"""How botocore's errors of a connection end. A read timeout is not among them: who waited longer than SageMaker lets a
model take learns nothing by waiting again, and may have sent the request twice."""

_REFUSED = ("Validation", "RequestEntityTooLarge", "400", "413", "415")
_NOT_ALLOWED = ("AccessDenied", "ExpiredToken", "UnrecognizedClient", "InvalidSignature", "403")


def passes_by_itself(error: str) -> bool:
    """Whether the same request may well succeed a moment later."""
    return error in _RETRYABLE or error.endswith(_BROKEN_LINE)


def blames_the_request(error: str) -> bool:
    """Whether the request itself was refused, so that it must be corrected."""
    return error.startswith(_REFUSED)


def blames_permissions(error: str) -> bool:
    """Whether the caller may not invoke the endpoint."""
    return error.startswith(_NOT_ALLOWED)

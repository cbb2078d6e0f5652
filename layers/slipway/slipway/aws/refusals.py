"""What a botocore error says, read in one place."""

from botocore.exceptions import ClientError

TOO_MANY, FAILING = 429, 500
THROTTLED = ("Throttling", "RequestLimitExceeded", "TooManyRequests")
"""SageMaker's control plane throttles with a ThrottlingException and HTTP 400."""


def code_of(error: ClientError) -> str:
    """Give the error code ('ValidationException'…), empty when the service sent none."""
    return error.response.get("Error", {}).get("Code", "")


def message_of(error: ClientError) -> str:
    """Give the service's own words."""
    return error.response.get("Error", {}).get("Message", "")


def is_passing(error: ClientError) -> bool:
    """Whether a later try may be answered: the service throttles or fails, and says nothing about the request."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status == TOO_MANY or status >= FAILING or code_of(error).startswith(THROTTLED)

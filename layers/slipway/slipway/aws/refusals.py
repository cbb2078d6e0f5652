"""What a botocore error says, read in one place."""

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError  # noqa: A004

BROKEN_LINE = (HTTPClientError, ConnectionError, IncompleteReadError)
"""Timeouts, and connections that are refused or break."""

TOO_MANY, FAILING = 429, 500
THROTTLED = ("Throttling", "RequestLimitExceeded", "TooManyRequests", "ProvisionedThroughputExceeded")
"""SageMaker's control plane throttles with a ThrottlingException and HTTP 400, and so does DynamoDB with two codes."""


def code_of(error: ClientError) -> str:
    """Give the error code ('ValidationException'…), empty when the service sent none."""
    return error.response.get("Error", {}).get("Code", "")


def message_of(error: ClientError) -> str:
    """Give the service's own words."""
    return error.response.get("Error", {}).get("Message", "")


def is_passing(error: Exception) -> bool:
    """Whether a later try may be answered: the service throttles, fails or is not reached, and so says nothing."""
    if not isinstance(error, ClientError):
        return isinstance(error, BROKEN_LINE)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status == TOO_MANY or status >= FAILING or code_of(error).startswith(THROTTLED)

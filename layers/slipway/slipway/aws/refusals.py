"""What a botocore error says, read in one place."""

from botocore.exceptions import ClientError


def code_of(error: ClientError) -> str:
    """Give the error code ('ValidationException'…), empty when the service sent none."""
    return error.response.get("Error", {}).get("Code", "")


def message_of(error: ClientError) -> str:
    """Give the service's own words."""
    return error.response.get("Error", {}).get("Message", "")

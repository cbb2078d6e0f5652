"""Errors of AWS and of the local cloud in the words of an operator; what is not known here stays unexpected."""

from collections.abc import Mapping
from typing import Any

from slipway.errors import ReleaseNotFoundError
from slipway_cli.errors import CommandError, ExitCode

SIGN_IN = "set AWS_PROFILE, or run `aws sso login` or `aws configure`, then try again"

NO_ACCESS = (
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
)


def told(error: BaseException) -> CommandError | None:
    """Say in an operator's words what was raised.

    Returns:
        The error to show, None where nobody foresaw it.
    """
    if isinstance(error, CommandError):
        return error
    if isinstance(error, ReleaseNotFoundError):
        return CommandError(str(error.args[0]), next_step="slipway history ENDPOINT", code=ExitCode.NOT_FOUND)
    return _of_boto(error)


def _of_boto(error: BaseException) -> CommandError | None:
    """Tell boto3's errors; it is loaded already if one of them was raised."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        return _of_service(error.response.get("Error", {}), error.operation_name)
    if isinstance(error, exceptions.NoRegionError):
        return CommandError("AWS was not asked.", "no region is set", "export AWS_DEFAULT_REGION=…", ExitCode.USAGE)
    no_credentials = (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.ProfileNotFound,
        exceptions.TokenRetrievalError,
        exceptions.SSOError,
    )
    if isinstance(error, no_credentials):
        return CommandError("AWS was not asked.", str(error), SIGN_IN, ExitCode.CREDENTIALS)
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return CommandError("Nothing answers.", str(error), "`slipway up --detach` starts the local cloud")
    return None


def _of_service(said: Mapping[str, Any], operation: str) -> CommandError:
    code, message = said.get("Code", ""), said.get("Message", "")
    if code in NO_ACCESS:
        return CommandError(f"AWS does not let you call {operation}.", message or code, SIGN_IN, ExitCode.CREDENTIALS)
    if operation == "DescribeStacks" and "does not exist" in message:
        next_step = "`slipway up --detach` starts it on this machine, `make deploy` on AWS; --stack names another one"
        return CommandError("Slipway is not deployed there.", message, next_step, ExitCode.NOT_FOUND)
    return CommandError(f"AWS refused {operation}.", f"{code}: {message}", "see the message, then try again")

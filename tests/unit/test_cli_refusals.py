"""What AWS and the machine refuse, in the words and exit codes of an operator."""

import sys

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
)
from typer.testing import CliRunner

from slipway.errors import LedgerConflictError
from slipway_cli import main as entry
from slipway_cli.app import app
from slipway_cli.errors import ExitCode
from slipway_cli.refusals import told
from tests.unit.cli_kit import FakeDesk


def said(code: str, message: str, operation: str = "GetItem") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoCredentialsError(), ExitCode.CREDENTIALS),
        (said("ExpiredToken", "The security token included in the request is expired"), ExitCode.CREDENTIALS),
        (said("AccessDeniedException", "not authorized to perform dynamodb:GetItem"), ExitCode.CREDENTIALS),
        (said("ValidationError", "Stack with id slipway does not exist", "DescribeStacks"), ExitCode.NOT_FOUND),
        (said("ThrottlingException", "Rate exceeded"), ExitCode.UNEXPECTED),
        (NoRegionError(), ExitCode.USAGE),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), ExitCode.UNEXPECTED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.name,
)
def test_what_is_refused_says_why_and_what_to_do(error: Exception, code: ExitCode) -> None:
    known = told(error)
    assert known is not None
    assert known.code is code
    assert "\nWhy: " in str(known)
    assert "\nNext: " in str(known)


@pytest.mark.parametrize("error", [LedgerConflictError("two writers"), ParamValidationError(report="a bug")])
def test_what_nobody_foresaw_stays_unexpected(error: Exception) -> None:
    assert told(error) is None


def test_a_refusal_ends_the_command_by_its_code_without_a_traceback() -> None:
    def no_desk(_place: object, _stack: str) -> FakeDesk:
        raise NoCredentialsError

    result = CliRunner().invoke(app, ["status"], obj=no_desk)
    assert result.exit_code == 4
    assert "Traceback" not in result.stderr
    assert "AWS_PROFILE" in result.stderr


def test_an_interrupted_command_exits_130() -> None:
    def interrupted(_place: object, _stack: str) -> FakeDesk:
        raise KeyboardInterrupt

    assert CliRunner().invoke(app, ["status"], obj=interrupted).exit_code == 130


def test_a_wrong_option_exits_2() -> None:
    assert CliRunner().invoke(app, ["status", "--nonsense"]).exit_code == 2


def test_without_its_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit, match="pip install 'slipway\\[cli\\]'"):
        entry.main()

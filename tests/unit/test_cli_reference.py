"""What is written about the command is what it does, and asking for help costs little."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slipway_cli.app import COMMANDS, SMOKE_COMMANDS, app
from slipway_cli.errors import ExitCode
from slipway_cli.reference import renewed

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
WORDS = [[each.__name__] for each in COMMANDS] + [["smoke", each.__name__] for each in SMOKE_COMMANDS]
HEAVY = ("boto3", "botocore", "drydock", "slipway.intake.spec_schema", "pydantic", "jinja2", "starlette", "uvicorn")


def test_the_reference_page_is_what_help_says() -> None:
    page = PAGE.read_text()
    assert renewed(page) == page, "run `python -m slipway_cli.reference docs/cli.md`"


def test_the_page_explains_every_exit_code() -> None:
    page = PAGE.read_text()
    assert all(f"| {code.value} | " in page for code in ExitCode)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_command_has_json(words: list[str]) -> None:
    assert "--json" in CliRunner().invoke(app, [*words, "--help"]).stdout


def test_help_loads_nothing_heavy() -> None:
    program = f"import sys, slipway_cli.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_the_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == "0.1.0\n"

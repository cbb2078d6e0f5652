"""What the documents show is true: examples are read, commands exist, links lead somewhere."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slipway.intake.spec_reading import read_spec
from slipway.release.spec import ReleaseSpec
from slipway_cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "examples" / "README.md"])
STACK = {"serve": {"image": "an-image:1"}}


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def test_the_spec_in_the_readme_is_one_that_slipway_takes() -> None:
    (text,) = blocks(ROOT / "README.md", "yaml")
    assert isinstance(read_spec(text.encode(), "README.md", [STACK], "churn"), ReleaseSpec)


@pytest.mark.parametrize("text", blocks(ROOT / "docs" / "several-models.md", "yaml"))
def test_the_specs_of_several_models_are_some_that_slipway_takes(text: str) -> None:
    assert isinstance(read_spec(text.encode(), "release.yaml", [STACK], "orders"), ReleaseSpec)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_that_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^\$ |`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    known = set(re.findall(r"^  ([a-z]+)  ", CliRunner().invoke(app, ["--help"]).output, re.MULTILINE))
    named = set(re.findall(r"(?:^\$ (?:\.venv/bin/)?|`)slipway ([a-z]+)", page.read_text(), re.MULTILINE))
    assert named <= known

"""`slipway report` at a desk of fakes."""

from pathlib import Path

import pytest

from slipway.release.verdicts import Outcome
from tests.unit.cli_kit import ENDPOINT, FakeDesk, data, run


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.begin("r1")
    desk.end("r1", Outcome.REJECTED, "It is a zip archive.")
    return desk


@pytest.mark.parametrize("target", [ENDPOINT, "r1"])
def test_a_release_is_told_by_its_id_or_as_the_latest_of_its_endpoint(desk: FakeDesk, target: str) -> None:
    assert data(run(desk, "report", target, "--json"))["reason"] == "It is a zip archive."
    assert "REJECTED" in run(desk, "report", target).stdout


def test_the_page_is_written_to_a_file(desk: FakeDesk, tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    ended = run(desk, "report", "r1", "--html", str(written))
    assert ended.exit_code == 0
    assert "It is a zip archive." in written.read_text("utf-8")
    assert ended.stdout == ""


def test_what_nobody_knows_is_not_found(desk: FakeDesk) -> None:
    ended = run(desk, "report", "nobody")
    assert ended.exit_code == 6
    assert "slipway status" in ended.stderr


def test_a_file_that_cannot_be_written_is_said_so(desk: FakeDesk, tmp_path: Path) -> None:
    ended = run(desk, "report", "r1", "--html", str(tmp_path / "nowhere" / "report.html"))
    assert ended.exit_code == 2
    assert "cannot be written" in ended.stderr

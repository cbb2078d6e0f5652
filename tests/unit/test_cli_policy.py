"""`slipway policy` checks a document before it is written, and shows what holds."""

from pathlib import Path

import pytest

from slipway.settings import Settings
from tests.fakes.tools import ENVIRONMENT
from tests.unit.cli_kit import FakeDesk, data, run


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def test_a_good_document_is_shown_as_it_is_understood(desk: FakeDesk, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("schema: 1\ninstances: {most: 4}\n")
    result = run(desk, "policy", str(path), "--json")
    assert result.exit_code == 0
    assert data(result)["document"]["instances"]["most"] == 4
    assert data(result)["findings"] == []


def test_a_bad_document_is_told_with_its_place_and_exits_3(desk: FakeDesk, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("schema: 1\nfreeze: []\n")
    result = run(desk, "policy", str(path))
    assert result.exit_code == 3
    assert "Did you mean freezes?" in result.stderr


def test_a_file_that_is_not_there_is_a_matter_of_usage(desk: FakeDesk) -> None:
    assert run(desk, "policy", "nowhere.yaml").exit_code == 2


def test_the_deployed_policy_is_shown_with_the_freeze_that_holds_now(desk: FakeDesk) -> None:
    desk.settings = Settings(ENVIRONMENT | {"SLIPWAY_POLICY_PARAMETER": "/p"})
    desk.parameters.write("/p", "schema: 1\nfreezes: [{name: today, days: [mon]}]\n")
    result = run(desk, "policy", "--json")
    assert result.exit_code == 0
    assert data(result)["frozen"] == "today"
    assert data(result)["stack"]["instance_count_cap"] == 10


def test_a_stack_without_a_document_shows_its_parameters(desk: FakeDesk) -> None:
    assert "instance_count_cap" in run(desk, "policy").stdout


def test_a_plan_is_held_to_the_document_too(desk: FakeDesk) -> None:
    desk.settings = Settings(ENVIRONMENT | {"SLIPWAY_POLICY_PARAMETER": "/p"})
    desk.parameters.write("/p", "schema: 1\nfreezes: [{name: today, days: [mon]}]\ninstances: {allowed: [ml.c5.*]}\n")
    result = run(desk, "plan", "churn")
    assert result.exit_code == 3
    assert "POLICY_FROZEN" in result.stderr
    assert "POLICY_INSTANCE_TYPE" in result.stderr

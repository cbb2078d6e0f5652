"""`slipway watch` at a desk of fakes: releases are followed until none is under way."""

import json
from functools import partial
from typing import Any

import pytest
from typer.testing import Result

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.unit.cli_kit import ENDPOINT, FakeDesk, run


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def changes(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def interrupt() -> None:
    raise KeyboardInterrupt


def test_a_release_is_followed_to_its_outcome(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(partial(desk.conclude, "r1", Phase.VERIFY_ARTIFACT, Answer.SOUND), partial(desk.go_live, "r1"))
    result = run(desk, "watch", ENDPOINT)
    assert (result.exit_code, result.stdout) == (0, "LIVE  churn  it serves\n")
    assert "✔ Verify the Artifact" in result.stderr


def test_a_release_that_went_back_exits_3_with_the_next_command(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(partial(desk.end, "r1", Outcome.ROLLED_BACK))
    result = run(desk, "watch", ENDPOINT)
    assert result.exit_code == 3
    assert "Next: slipway logs r1" in result.stderr


def test_programs_get_a_line_for_each_change_and_nothing_twice(desk: FakeDesk) -> None:
    begun = desk.begin("r1")
    desk.then(
        partial(desk.ledger.intend, begun, Phase.VERIFY_ARTIFACT),
        lambda: None,
        partial(desk.conclude, "r1", Phase.VERIFY_ARTIFACT, Answer.SOUND, "5 bytes"),
        partial(desk.end, "r1", Outcome.LIVE, "it serves"),
    )
    told = changes(run(desk, "watch", ENDPOINT, "--json"))
    phases = [(each["phase"], each["answer"]) for each in told if each["change"] == "phase"]
    assert phases == [("verify_artifact", None), ("verify_artifact", "sound"), ("close_release", "closed")]
    assert [each["change"] for each in told[:-1]] == ["phase"] * 3
    last = told[-1]
    assert (last["change"], last["endpoint"], last["outcome"], last["reason"]) == (
        "release",
        ENDPOINT,
        "LIVE",
        "it serves",
    )
    assert last["phases"]


def test_a_release_that_waits_is_followed_after_the_one_before_it(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.begin("r2")
    desk.then(partial(desk.end, "r1", Outcome.ROLLED_BACK), partial(desk.go_live, "r2"))
    result = run(desk, "watch", ENDPOINT)
    assert result.stdout.splitlines() == ["ROLLED_BACK  churn  for a reason", "LIVE  churn  it serves"]
    assert result.exit_code == 0, "what counts is the latest release of an endpoint"


def test_what_begins_meanwhile_is_followed_too(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(partial(desk.begin, "r2"), partial(desk.go_live, "r1"), partial(desk.end, "r2", Outcome.REJECTED))
    told = changes(run(desk, "watch", "--json"))
    assert [each["release"] for each in told if each["change"] == "release"] == ["r1", "r2"]


def test_other_endpoints_are_left_out_where_one_is_named(desk: FakeDesk) -> None:
    desk.begin("r1")
    assert run(desk, "watch", "another").exit_code == 6


def test_where_nothing_is_under_way_the_latest_release_is_told(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.REJECTED)
    result = run(desk, "watch", ENDPOINT, "--json")
    assert (result.exit_code, [each["outcome"] for each in changes(result)]) == (3, ["REJECTED"])


def test_where_nothing_is_under_way_at_all_it_is_said(desk: FakeDesk) -> None:
    result = run(desk, "watch", "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing is under way." in result.stderr


def test_an_endpoint_that_slipway_never_released_to_cannot_be_watched(desk: FakeDesk) -> None:
    desk.hosting.serve("theirs", "a-config")
    result = run(desk, "watch", "theirs")
    assert result.exit_code == 6
    assert "nothing to watch" in result.stderr


def test_what_takes_too_long_goes_on_and_exits_5_with_one_more_line(desk: FakeDesk) -> None:
    desk.ledger.intend(desk.begin("r1"), Phase.CREATE_MODEL)
    result = run(desk, "watch", ENDPOINT, "--timeout", "5", "--json")
    assert result.exit_code == 5
    phase, error = changes(result)
    assert phase["state"] == "Create the Model"
    assert error["error"]["next"] == "slipway watch churn"


def test_an_outcome_counts_even_if_the_release_is_never_closed(desk: FakeDesk) -> None:
    desk.ledger.settle(desk.begin("r1"), Outcome.REJECTED, "no")
    begun = desk.begin("r2")
    desk.then(partial(desk.ledger.settle, begun, Outcome.LIVE, "it serves"))
    result = run(desk, "watch", ENDPOINT, "--json")
    assert [each["release"] for each in changes(result)] == ["r2"]
    assert result.exit_code == 0


def test_an_interrupt_says_that_all_goes_on(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(interrupt)
    result = run(desk, "watch")
    assert result.exit_code == 130
    assert "goes on without being watched" in result.stderr

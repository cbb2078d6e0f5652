"""`slipway abort` at a desk of fakes."""

from functools import partial

import pytest

from slipway.release.release import Turn
from slipway.release.verdicts import Outcome
from tests.unit.cli_kit import ENDPOINT, FakeDesk, run


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def test_the_release_of_an_endpoint_is_asked_to_stop_and_followed(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.ledger.change_turn(None, Turn(ENDPOINT, 1, "r1", "execution-1"))
    desk.then(partial(desk.end, "r1", Outcome.ROLLED_BACK))
    assert run(desk, "abort", ENDPOINT).exit_code == 0
    assert [(asked["kind"], asked["release"]) for asked in desk.requests] == [("abort", "r1")]


def test_a_release_is_stopped_by_its_id(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(partial(desk.end, "r1", Outcome.REJECTED))
    assert run(desk, "abort", "r1").exit_code == 0


def test_a_release_that_went_live_all_the_same_exits_3(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(partial(desk.end, "r1", Outcome.LIVE))
    assert run(desk, "abort", "r1").exit_code == 3


def test_what_is_over_is_not_aborted(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.LIVE)
    result = run(desk, "abort", "r1")
    assert (result.exit_code, desk.requests) == (6, [])


def test_what_nobody_knows_is_not_aborted(desk: FakeDesk) -> None:
    assert run(desk, "abort", "nobody").exit_code == 6

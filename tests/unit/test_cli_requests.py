"""`slipway rollback` and `recover` at a desk of fakes."""

from functools import partial

import pytest

from slipway.release.phases import Phase
from slipway.release.release import Kind, ObjectRef
from slipway.release.verdicts import Answer, Outcome
from tests.unit.cli_kit import ENDPOINT, FakeDesk, run


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def test_a_rollback_is_asked_for_by_event_and_done_when_it_is_back(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.then(
        partial(desk.begin, "r2", ObjectRef("event", "event-1"), Kind.ROLLBACK),
        partial(desk.end, "r2", Outcome.ROLLED_BACK),
    )
    result = run(desk, "rollback", ENDPOINT, "--to", "r0")
    assert result.exit_code == 0
    assert [(asked["kind"], asked["endpoint"], asked["to"]) for asked in desk.requests] == [
        ("rollback", ENDPOINT, "r0")
    ]


def test_a_rollback_that_is_refused_exits_3(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.then(
        partial(desk.begin, "r2", ObjectRef("event", "event-1"), Kind.ROLLBACK),
        partial(desk.end, "r2", Outcome.REJECTED),
    )
    assert run(desk, "rollback", ENDPOINT).exit_code == 3


def test_an_endpoint_that_never_was_live_cannot_go_back(desk: FakeDesk) -> None:
    result = run(desk, "rollback", ENDPOINT)
    assert (result.exit_code, desk.requests) == (6, [])


def test_a_release_that_is_over_needs_no_recovery(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.REJECTED)
    assert run(desk, "recover", "r1").exit_code == 3
    assert desk.requests == []


def test_a_release_that_died_is_recovered_and_followed(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(partial(desk.end, "r1", Outcome.ROLLED_BACK))
    assert run(desk, "recover", "r1").exit_code == 3
    assert [(asked["kind"], asked["release"]) for asked in desk.requests] == [("recover", "r1")]


def test_a_release_that_needed_a_human_is_followed_until_it_is_closed_again(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.NEEDS_HUMAN)
    desk.then(lambda: None, partial(desk.conclude, "r1", Phase.CLOSE_RELEASE, Answer.CLOSED))
    assert run(desk, "recover", "r1").exit_code == 3
    assert len(desk.clock.slept) == 2


def test_an_unknown_release_cannot_be_recovered(desk: FakeDesk) -> None:
    assert run(desk, "recover", "r9").exit_code == 6

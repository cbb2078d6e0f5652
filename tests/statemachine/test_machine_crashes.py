"""What a crash, a kill, a throttled Lambda or a broken answer leads to: always the next safer path, always said."""

import json
from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.statemachine.failures import Raises
from tests.statemachine.scripts import (
    APPROVAL,
    BACK,
    BAKING,
    CHECK,
    CLOSE,
    CONFIG,
    ENDPOINT,
    FINAL,
    FORWARD,
    MODEL,
    PROMOTE,
    READ,
    REASON,
    SERVE,
    SMOKE,
    STRAIGHT,
    TURN,
    UNDO,
    VERIFY,
    VETO,
    WATCH,
    Changes,
    closed,
    gated,
    go,
    phases,
    says,
    through,
)

CAUSE = json.dumps({"errorType": "KeyError", "errorMessage": "'EndpointStatus'", "trace": ["x" * 3000]})
ON_AWS = Raises("KeyError", CAUSE)
ON_MINISTACK = Raises("Runtime.HandlerError", CAUSE)
KILLED = Raises("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 60.00 seconds")
THROTTLED = Raises("Lambda.TooManyRequestsException", "Rate exceeded")
UNAVAILABLE = Raises("UnavailableError", "UnavailableError: Rate exceeded")
PLAIN_TIMEOUT = Raises("States.Timeout")
COLD = [UNDO, BACK, CLOSE]
HOT = [VETO, BACK, CLOSE]

UNTOUCHED = {phase: [*through(phase), CLOSE] for phase in (READ, VERIFY, TURN, MODEL, CHECK, CONFIG)}
TOUCHED = {phase: [*through(phase), *COLD] for phase in (ENDPOINT, SERVE, SMOKE, WATCH, PROMOTE)}


def trouble(changes: Changes, phase: Phase = CLOSE) -> str:
    """Run, and give the trouble that a phase's function was told of."""
    payload: dict[str, Any] = go(changes).payloads(phase.state)[-1]
    return str(payload["trouble"])


@pytest.mark.parametrize("crash", [ON_AWS, ON_MINISTACK, KILLED], ids=lambda crash: crash.error)
@pytest.mark.parametrize(("phase", "called"), [*UNTOUCHED.items(), *TOUCHED.items()])
def test_a_crash_takes_the_next_safer_path(phase: Phase, called: list[Phase], crash: Raises) -> None:
    done = go({phase: [crash], CLOSE: [closed(Outcome.NEEDS_HUMAN)]})

    assert phases(done) == called
    assert done.error == Outcome.NEEDS_HUMAN


@pytest.mark.parametrize("phase", [SMOKE, WATCH])
def test_a_crash_while_the_old_fleet_runs_is_vetoed(phase: Phase) -> None:
    done = go({SERVE: [BAKING], phase: [ON_AWS], CLOSE: [closed(Outcome.ROLLED_BACK)]})

    assert phases(done) == [*through(phase), *HOT]


def test_a_veto_that_crashes_is_followed_by_a_rollback() -> None:
    done = go({SERVE: [BAKING], SMOKE: [says(Answer.FAILED)], VETO: [ON_AWS]})

    assert phases(done) == [*through(SMOKE), *[VETO] * 6, *COLD]


def test_a_rollback_that_crashes_is_tried_again_and_then_closed() -> None:
    done = go({SMOKE: [says(Answer.FAILED)], UNDO: [ON_AWS]})

    assert phases(done) == [*through(SMOKE), *[UNDO] * 21, CLOSE]
    assert done.payloads(CLOSE.state)[-1]["trouble"].startswith("Roll Back the Release: KeyError: ")


def test_a_wait_for_the_rollback_that_crashes_is_closed() -> None:
    done = go({SMOKE: [says(Answer.FAILED)], BACK: [ON_AWS]})

    assert phases(done) == [*through(SMOKE), *COLD]
    assert done.payloads(CLOSE.state)[-1]["trouble"].startswith("Wait for the Rollback: KeyError: ")


def test_a_close_that_crashes_once_is_tried_again() -> None:
    done = go({CLOSE: [ON_AWS, closed(Outcome.LIVE)]})

    assert (done.end, done.tasks.count(CLOSE.state)) == ("Release Is Live", 2)


def test_a_close_that_always_crashes_needs_a_human_and_says_every_trouble() -> None:
    done = go({VERIFY: [ON_AWS], CLOSE: [Raises("OSError", "the table is gone")]})

    assert (done.end, done.error) == ("Release Needs a Human", Outcome.NEEDS_HUMAN)
    assert done.cause.startswith("Verify the Artifact: KeyError: ")
    assert " | Close the Release: OSError: the table is gone" in done.cause


def test_a_close_that_crashes_tells_the_last_verdict_too() -> None:
    done = go({VERIFY: [says(Answer.REFUSED)], CLOSE: [Raises("OSError", "the table is gone")]})

    assert done.cause == f"Close the Release: OSError: the table is gone (last verdict: {REASON})"


def test_a_first_state_that_crashes_closes_a_release_without_a_name() -> None:
    done = go({READ: [ON_AWS], CLOSE: [closed(Outcome.NEEDS_HUMAN)]})
    [payload] = done.payloads(CLOSE.state)

    assert payload["release"] == ""
    assert payload["trouble"].startswith("Read the Release: KeyError: ")


@pytest.mark.parametrize("phase", FORWARD)
def test_trouble_names_state_error_and_cause_in_fewer_than_a_thousand_characters(phase: Phase) -> None:
    told = trouble({phase: [ON_AWS]})

    assert told.startswith(f"{phase.state}: KeyError: ")
    assert "EndpointStatus" in told
    assert len(told) < 1000


def test_the_first_trouble_is_kept_when_more_follows() -> None:
    told = trouble({SERVE: [BAKING], SMOKE: [ON_AWS], VETO: [KILLED], UNDO: [Raises("ClientError", "Throttling")]})

    assert told.startswith("Run Smoke Invocations: KeyError: ")
    assert " | Veto the Deployment: Sandbox.Timedout: " in told
    assert len(told) < 1000


def test_an_error_without_a_cause_is_told_too() -> None:
    assert trouble({MODEL: [Raises("Lambda.Unknown")]}) == "Create the Model: Lambda.Unknown: "


def test_a_release_without_trouble_says_so() -> None:
    assert trouble({}) == ""


@pytest.mark.parametrize("phase", [phase for phase in FORWARD if phase not in (TURN, SERVE, WATCH)])
def test_a_plain_task_that_times_out_is_a_crash(phase: Phase) -> None:
    done = go({phase: [PLAIN_TIMEOUT]})

    assert phases(done) == (UNTOUCHED | TOUCHED)[phase]


@pytest.mark.parametrize("passing", [THROTTLED, UNAVAILABLE], ids=lambda passing: passing.error)
@pytest.mark.parametrize("phase", list(Phase))
def test_what_passes_by_itself_is_tried_again_six_times(phase: Phase, passing: Raises) -> None:
    way_there: Changes = {} if phase in FORWARD else {SERVE: [BAKING], SMOKE: [says(Answer.FAILED)]}
    way_there = gated(phase) or way_there
    no_veto: Changes = {VETO: [ON_AWS]} if phase is UNDO else {}
    done = go(way_there | no_veto | {phase: [*[passing] * 6, *STRAIGHT[phase]]})

    assert done.tasks.count(phase.state) == 7
    assert passing.error not in done.payloads(CLOSE.state)[-1]["trouble"]


@pytest.mark.parametrize(("phase", "then"), [(APPROVAL, [CLOSE]), (FINAL, COLD)])
def test_a_crash_while_a_human_is_waited_for_takes_the_next_safer_path(phase: Phase, then: list[Phase]) -> None:
    done = go(gated(phase) | {phase: [ON_AWS]})

    assert phases(done)[-len(then) - 1 :] == [phase, *then]
    assert done.payloads(CLOSE.state)[-1]["trouble"].startswith(f"{phase.state}: KeyError: ")


BROKEN = [{}, {"answer": "in_service"}, {"reason": "no answer"}, {"errorMessage": "unhandled"}]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
@pytest.mark.parametrize(("phase", "called"), [*UNTOUCHED.items(), *TOUCHED.items()])
def test_an_answer_without_its_parts_is_a_crash_of_its_step(
    phase: Phase, called: list[Phase], broken: dict[str, Any]
) -> None:
    assert phases(go({phase: [broken]})) == called


ROUTES = [
    (ENDPOINT, says(Answer.STARTED, wait_seconds="soon", rounds=3)),
    (ENDPOINT, says(Answer.STARTED, wait_seconds=90, rounds="many")),
    (WATCH, says(Answer.NEEDS_APPROVAL, approval_seconds="long", approval_rounds=3)),
    (WATCH, says(Answer.NEEDS_APPROVAL, approval_seconds=30, approval_rounds=[])),
    (SERVE, says(Answer.BAKING, baking=True, watch_seconds="long", watch_rounds=3)),
    (SERVE, says(Answer.BAKING, baking=True, watch_seconds=30, watch_rounds=[])),
]


@pytest.mark.parametrize(("phase", "reply"), ROUTES)
def test_what_a_choice_will_compare_is_checked_where_a_catch_can_catch_it(phase: Phase, reply: dict[str, Any]) -> None:
    assert phases(go({phase: [reply]})) == [*through(phase), *COLD]


def test_a_close_without_an_outcome_needs_a_human() -> None:
    done = go({CLOSE: [says(Answer.CLOSED)]})

    assert (done.end, done.tasks.count(CLOSE.state)) == ("Release Needs a Human", 6)

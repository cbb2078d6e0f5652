"""What the machine costs at most: transitions, rounds of every wait, signals, ways back."""

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.statemachine.failures import TIMEOUT, Reply
from tests.statemachine.scripts import (
    APPROVAL,
    ASKED,
    BACK,
    BAKING,
    CHECK,
    CLOSE,
    ENDPOINT,
    FINAL,
    GATES,
    HELD,
    IN_SERVICE,
    LOOK,
    PROMOTE,
    SERVE,
    SMOKE,
    STRAIGHT,
    TOKENS,
    TURN,
    UNDO,
    VETO,
    WATCH,
    Changes,
    closed,
    gated,
    go,
    phases,
    says,
)

FAILED = says(Answer.FAILED)
LOOKS = 100


def test_a_first_release_takes_at_most_24_transitions() -> None:
    assert go({}).transitions <= 24


def test_a_guarded_update_with_a_signal_in_each_wait_takes_at_most_28_transitions() -> None:
    done = go({SERVE: [LOOK, BAKING], WATCH: [LOOK, says(Answer.QUIET)]})

    assert done.transitions <= 28


@pytest.mark.parametrize("phase", GATES)
def test_an_approval_takes_two_transitions(phase: Phase) -> None:
    assert go(gated(phase)).transitions == go({}).transitions + 2


@pytest.mark.parametrize("again", [LOOK, TIMEOUT], ids=["signal", "timeout"])
@pytest.mark.parametrize("phase", [TURN, APPROVAL, SERVE, WATCH, FINAL])
def test_every_re_check_of_a_wait_takes_two_transitions(phase: Phase, again: Reply) -> None:
    way = gated(phase)
    straight = (STRAIGHT | way)[phase]

    assert go(way | {phase: [again, *straight]}).transitions == go(way).transitions + 2


@pytest.mark.parametrize(
    ("phase", "calls", "then"),
    [
        (TURN, 288, [CLOSE]),
        (APPROVAL, 2 + 1, [CLOSE]),
        (SERVE, 3, [UNDO, BACK, CLOSE]),
        (WATCH, 2 + 25, [UNDO, BACK, CLOSE]),
        (FINAL, 2 + 1, [UNDO, BACK, CLOSE]),
    ],
)
def test_a_wait_that_is_never_answered_gives_up_after_its_rounds(phase: Phase, calls: int, then: list[Phase]) -> None:
    done = go(gated(phase) | {phase: [TIMEOUT]})

    assert phases(done)[-len(then) - 1 :] == [phase, *then]
    assert [payload["round"] for payload in done.payloads(phase.state)] == list(range(calls))


def test_a_rollback_that_never_ends_gives_up_after_two_hours() -> None:
    done = go({SMOKE: [FAILED], BACK: [TIMEOUT]})

    assert done.tasks.count(BACK.state) == 24
    assert phases(done)[-1] is CLOSE


def test_a_watch_in_the_bake_that_is_never_answered_is_vetoed() -> None:
    assert phases(go({SERVE: [BAKING], WATCH: [TIMEOUT]}))[-4:] == [WATCH, VETO, BACK, CLOSE]


@pytest.mark.parametrize(
    ("phase", "then"),
    [
        (TURN, [CLOSE]),
        (APPROVAL, [CLOSE]),
        (SERVE, [UNDO, BACK, CLOSE]),
        (WATCH, [UNDO, BACK, CLOSE]),
        (FINAL, [UNDO, BACK, CLOSE]),
        (BACK, [CLOSE]),
    ],
)
def test_a_wait_that_is_signalled_for_ever_gives_up(phase: Phase, then: list[Phase]) -> None:
    done = go({PROMOTE: [says(Answer.NOT_LIVE)]} | gated(phase) | {phase: [LOOK]})

    assert done.tasks.count(phase.state) == LOOKS + 1
    assert phases(done)[-len(then) - 1 :] == [phase, *then]
    assert "signalled 100 times without an answer" in done.payloads(CLOSE.state)[-1]["trouble"]


@pytest.mark.parametrize("phase", sorted(TOKENS))
def test_giving_up_is_told_as_trouble(phase: Phase) -> None:
    done = go({PROMOTE: [says(Answer.NOT_LIVE)]} | gated(phase) | {phase: [TIMEOUT]})

    assert "?" in done.payloads(CLOSE.state)[-1]["trouble"]


NEARLY: list[Reply] = [TIMEOUT, *[LOOK] * LOOKS]
FRESH: dict[str, Changes] = {
    "cold": {WATCH: [*NEARLY, says(Answer.RINGING)]},
    "approved": {
        CHECK: [ASKED],
        APPROVAL: [*NEARLY, says(Answer.APPROVED)],
        WATCH: [*NEARLY, HELD],
        FINAL: [*NEARLY, says(Answer.REFUSED)],
    },
    "hot": {SERVE: [*NEARLY, BAKING], WATCH: [*NEARLY, says(Answer.RINGING)]},
    "anew": {
        ENDPOINT: [says(Answer.REMOVING), says(Answer.STARTED)],
        SERVE: [*NEARLY, says(Answer.GONE), *NEARLY, IN_SERVICE],
        SMOKE: [FAILED],
    },
}


@pytest.mark.parametrize("changes", FRESH.values(), ids=FRESH)
def test_every_wait_starts_with_fresh_rounds_and_signals(changes: Changes) -> None:
    full: Changes = {TURN: [*NEARLY, says(Answer.OURS)], BACK: [*NEARLY, says(Answer.ROLLED_BACK)]}
    done = go(full | changes)

    assert all(payload["round"] == 0 for phase in TOKENS for payload in done.payloads(phase.state)[:1])
    assert done.payloads(CLOSE.state)[-1]["trouble"] == ""
    assert phases(done)[-2:] == [BACK, CLOSE]


def test_a_failed_endpoint_is_removed_once() -> None:
    done = go({ENDPOINT: [says(Answer.REMOVING)], SERVE: [says(Answer.GONE)]})

    assert phases(done)[-4:] == [ENDPOINT, SERVE, ENDPOINT, CLOSE]


def test_an_endpoint_that_goes_again_after_it_was_made_anew_is_left_alone() -> None:
    done = go({ENDPOINT: [says(Answer.REMOVING), says(Answer.STARTED)], SERVE: [says(Answer.GONE)]})

    assert phases(done)[-5:] == [ENDPOINT, SERVE, ENDPOINT, SERVE, CLOSE]


def test_a_veto_and_a_rollback_do_not_send_each_other_round_for_ever() -> None:
    done = go({SERVE: [BAKING], SMOKE: [FAILED], UNDO: [says(Answer.IN_DEPLOYMENT)], BACK: [says(Answer.IN_SERVICE)]})

    assert phases(done).count(VETO) + phases(done).count(UNDO) <= 2 + 3
    assert phases(done)[-1] is CLOSE


def test_a_rollback_that_never_holds_is_tried_three_more_times() -> None:
    done = go({SMOKE: [FAILED], BACK: [says(Answer.IN_SERVICE)], CLOSE: [closed(Outcome.NEEDS_HUMAN)]})

    assert phases(done)[-9:] == [UNDO, BACK, UNDO, BACK, UNDO, BACK, UNDO, BACK, CLOSE]
    assert done.error == Outcome.NEEDS_HUMAN


def test_waits_take_their_timeouts_from_the_verdicts() -> None:
    timeouts = dict(go({SERVE: [BAKING], CHECK: [ASKED]}).timeouts)

    assert (timeouts[APPROVAL.state], timeouts[SERVE.state], timeouts[WATCH.state]) == (70, 90, 45)


def test_a_timeout_is_a_whole_number_of_at_least_one_second() -> None:
    tiny: Changes = {
        ENDPOINT: [says(Answer.STARTED, wait_seconds=0, rounds=3)],
        SERVE: [says(Answer.BAKING, baking=True, watch_seconds=7.5, watch_rounds=1)],
    }
    timeouts = dict(go(tiny).timeouts)

    assert (timeouts[SERVE.state], timeouts[WATCH.state]) == (1, 7)

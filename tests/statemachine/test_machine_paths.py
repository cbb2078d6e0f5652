"""Every path runs through the real machine and ends where it should."""

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.statemachine.paths import COLD, ENDS, NEEDS_HUMAN, PATHS, Path, a
from tests.statemachine.scripts import (
    APPROVAL,
    BACK,
    CHECK,
    CLOSE,
    ENDPOINT,
    FINAL,
    LAST_WORD,
    PROMOTE,
    READ,
    REASON,
    RELEASE,
    SERVE,
    SMOKE,
    TURN,
    UNDO,
    VERIFY,
    WATCH,
    closed,
    gated,
    go,
    phases,
    reads,
    through,
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_path_calls_its_functions_and_ends_in_its_outcome(path: Path) -> None:
    outcome = ENDS[path.end]
    done = go({CLOSE: [closed(outcome)]} | path.answers)

    assert phases(done) == path.called
    assert done.payloads(CLOSE.state)[-1]["trouble"] == ""
    assert done.end == path.end
    assert done.error == ("" if outcome.is_success else outcome.value)
    assert done.cause == ("" if outcome.is_success else LAST_WORD)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome.is_success])
def test_a_success_puts_release_outcome_and_reason_into_the_output(outcome: Outcome) -> None:
    done = go({CLOSE: [closed(outcome)]})

    assert done.output == {"release": RELEASE, "outcome": outcome.value, "reason": LAST_WORD}


def test_what_is_no_release_ends_at_once_with_the_reason_and_is_not_closed() -> None:
    done = go({READ: [reads(Answer.NOTHING)]})

    assert done.visited == ["Read the Release", "What Was Asked?", "Nothing to Release"]
    assert done.output["reason"] == REASON
    assert done.error == ""


@pytest.mark.parametrize("word", ["", "SUCCEEDED", "live"])
def test_an_outcome_nobody_knows_needs_a_human(word: str) -> None:
    done = go({CLOSE: [closed(word)]})

    assert (done.end, done.error, done.cause) == (NEEDS_HUMAN, Outcome.NEEDS_HUMAN, LAST_WORD)


CAUTIOUS = {
    **{phase: [*through(phase), CLOSE] for phase in (READ, VERIFY, TURN, CHECK, ENDPOINT, SERVE)},
    **{phase: [*through(phase), *COLD] for phase in (SMOKE, WATCH, PROMOTE)},
}


@pytest.mark.parametrize(("phase", "called"), CAUTIOUS.items())
def test_an_answer_nobody_knows_takes_the_cautious_branch(phase: Phase, called: list[Phase]) -> None:
    done = go({phase: [{"schema": 1, "answer": "hooray", "reason": REASON, "release": RELEASE}]})

    assert done.payloads(CLOSE.state)[-1]["trouble"] == ""
    assert phases(done) == called


@pytest.mark.parametrize(("phase", "then"), [(APPROVAL, [CLOSE]), (FINAL, COLD)])
def test_an_answer_that_is_no_approval_is_none(phase: Phase, then: list[Phase]) -> None:
    unknown = {"schema": 1, "answer": "hooray", "reason": REASON}
    done = go(gated(phase) | {phase: [unknown]})

    assert phases(done)[-len(then) - 1 :] == [phase, *then]


@pytest.mark.parametrize(("phase", "called"), [(UNDO, [UNDO, CLOSE]), (BACK, COLD)])
def test_an_answer_nobody_knows_on_the_way_back_closes(phase: Phase, called: list[Phase]) -> None:
    unknown = {"schema": 1, "answer": "hooray", "reason": REASON}
    done = go({SMOKE: [a(Answer.FAILED)], phase: [unknown]})

    assert phases(done) == [*through(SMOKE), *called]

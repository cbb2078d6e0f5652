"""Scripted functions: what each state answers on the straight way, and how a test changes that."""

from collections.abc import Sequence
from typing import Any

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome, Verdict
from tests.statemachine.failures import Reply
from tests.statemachine.runner import Run, Script, run

RELEASE = "20260105t090000-churn-3f9a1c"
REASON = "because the test says so"
LAST_WORD = "that is how it went"

READ = Phase.READ_RELEASE
VERIFY = Phase.VERIFY_ARTIFACT
TURN = Phase.WAIT_FOR_TURN
MODEL = Phase.CREATE_MODEL
CHECK = Phase.VERIFY_CONFIG
APPROVAL = Phase.WAIT_FOR_APPROVAL
CONFIG = Phase.CREATE_CONFIG
ENDPOINT = Phase.CREATE_ENDPOINT
SERVE = Phase.WAIT_FOR_IN_SERVICE
SMOKE = Phase.RUN_SMOKE_INVOCATIONS
WATCH = Phase.WATCH_ALARMS
FINAL = Phase.WAIT_FOR_FINAL_APPROVAL
VETO = Phase.VETO_DEPLOYMENT
PROMOTE = Phase.PROMOTE_RELEASE
UNDO = Phase.ROLL_BACK_RELEASE
BACK = Phase.WAIT_FOR_ROLLBACK
CLOSE = Phase.CLOSE_RELEASE

FORWARD = (READ, VERIFY, TURN, MODEL, CHECK, CONFIG, ENDPOINT, SERVE, SMOKE, WATCH, PROMOTE)
TOKENS = frozenset({TURN, APPROVAL, SERVE, WATCH, FINAL, BACK})
GATES = (APPROVAL, FINAL)


def says(answer: Answer, **route: Any) -> dict[str, Any]:
    """Answer as a function does."""
    return Verdict(answer, REASON, route=route).as_output()


def closed(outcome: Outcome | str) -> dict[str, Any]:
    """Answer as close_release does."""
    return Verdict(Answer.CLOSED, LAST_WORD, route={"outcome": str(outcome)}).as_output()


def reads(answer: Answer) -> dict[str, Any]:
    """Answer as read_release does."""
    return says(answer, release="" if answer is Answer.NOTHING else RELEASE, kind="release")


LOOK = says(Answer.LOOK)
IN_SERVICE = says(Answer.IN_SERVICE, baking=False, watch_seconds=60, watch_rounds=2)
ASKED = says(Answer.NEEDS_APPROVAL, approval_seconds=70, approval_rounds=2)
HELD = says(Answer.NEEDS_APPROVAL, approval_seconds=70, approval_rounds=2, baking=False)
BAKING = says(Answer.BAKING, baking=True, watch_seconds=45, watch_rounds=4)

STRAIGHT: dict[Phase, Sequence[Reply]] = {
    READ: [reads(Answer.ACCEPTED)],
    VERIFY: [says(Answer.SOUND)],
    TURN: [says(Answer.OURS)],
    MODEL: [says(Answer.CREATED)],
    CHECK: [says(Answer.ACCEPTABLE)],
    APPROVAL: [says(Answer.APPROVED)],
    CONFIG: [says(Answer.CREATED)],
    ENDPOINT: [says(Answer.STARTED, wait_seconds=90, rounds=3)],
    SERVE: [IN_SERVICE],
    SMOKE: [says(Answer.PASSED)],
    WATCH: [says(Answer.QUIET)],
    FINAL: [says(Answer.APPROVED)],
    VETO: [says(Answer.VETOED)],
    PROMOTE: [says(Answer.LIVE)],
    UNDO: [says(Answer.STARTED)],
    BACK: [says(Answer.ROLLED_BACK)],
    CLOSE: [closed(Outcome.LIVE)],
}
"""A first release that goes well, and functions that find the way back when they are asked to."""

Changes = dict[Phase, Sequence[Reply]]


def script(changes: Changes) -> Script:
    """Give the straight way's script with some functions changed."""
    return {phase.state: replies for phase, replies in (STRAIGHT | changes).items()}


def go(changes: Changes) -> Run:
    """Run the machine with some functions changed."""
    return run(script(changes))


def through(last: Phase) -> list[Phase]:
    """Give the phases of the straight way, up to this one."""
    return list(FORWARD[: FORWARD.index(last) + 1])


def gated(phase: Phase) -> Changes:
    """Give what leads a release to this phase, if it is one in which a human is waited for."""
    ways: dict[Phase, Changes] = {APPROVAL: {CHECK: [ASKED]}, FINAL: {WATCH: [HELD]}}
    return ways.get(phase, {})


def phases(done: Run) -> list[Phase]:
    """Give the phases whose functions were called, in order."""
    by_state = {phase.state: phase for phase in Phase}
    return [by_state[name] for name in done.tasks]

"""What functions are given: the release by reference, small, and a token where they wait."""

import json

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer
from tests.statemachine.failures import TIMEOUT, Raises
from tests.statemachine.runner import EXECUTION, STARTED
from tests.statemachine.scripts import (
    ASKED,
    BACK,
    BAKING,
    CHECK,
    GATES,
    HELD,
    LOOK,
    PROMOTE,
    READ,
    RELEASE,
    SERVE,
    TOKENS,
    TURN,
    UNDO,
    VETO,
    WATCH,
    go,
    reads,
    says,
)


def test_the_first_function_is_given_the_event_and_the_start() -> None:
    [payload] = go({}).payloads(READ.state)

    assert payload == {
        "schema": 1,
        "state": "Read the Release",
        "execution": EXECUTION,
        "started": STARTED,
        "event": {"source": "aws.s3"},
    }


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not READ])
def test_every_other_function_is_given_the_release_by_reference(phase: Phase) -> None:
    done = go({SERVE: [BAKING], WATCH: [says(Answer.RINGING)], BACK: [says(Answer.IN_SERVICE), says(Answer.GONE)]})
    done = go({CHECK: [ASKED], WATCH: [HELD]}) if phase in (PROMOTE, *GATES) else done
    payload = done.payloads(phase.state)[0]
    token = payload.pop("token", "")
    told = {name: payload.pop(name) for name in ("looks", "heard") if name in payload}

    assert payload == {
        "schema": 1,
        "state": phase.state,
        "release": RELEASE,
        "execution": EXECUTION,
        "round": 0,
        "trouble": "",
    }
    assert bool(token) is (phase in TOKENS)
    assert told == ({"looks": 0} if phase in TOKENS else {}) | ({"heard": ""} if phase is SERVE else {})


def test_a_wait_is_told_how_often_it_was_signalled_and_what_the_last_signal_heard() -> None:
    heard = {**LOOK, "heard": "part"}
    told = [(call["looks"], call["heard"]) for call in go({SERVE: [LOOK, heard, LOOK, BAKING]}).payloads(SERVE.state)]

    assert told == [(0, ""), (1, ""), (2, "part"), (3, "")]


def test_every_call_of_a_wait_has_a_token_of_its_own() -> None:
    tokens = [payload["token"] for payload in go({TURN: [LOOK, TIMEOUT, says(Answer.OURS)]}).payloads(TURN.state)]

    assert len(set(tokens)) == 3


def test_every_payload_stays_below_8_kb_whatever_happened() -> None:
    long = Raises("KeyError", "é" * 30_000)
    done = go({SERVE: [BAKING], WATCH: [long], VETO: [long], UNDO: [long], READ: [reads(Answer.ACCEPTED)]})

    assert max(len(json.dumps(payload).encode()) for _, payload in done.calls) < 8192

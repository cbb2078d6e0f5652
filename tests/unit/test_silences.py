"""When a wait asks SageMaker, and what it makes of events."""

from math import log2
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.rollout.hearing import Heard, hear
from slipway.rollout.silences import Looked, is_due, looked_from, noted

OURS = "churn-2"


def looks_in(rounds: int, pause: int, ends: tuple[int, ...] = ()) -> list[int]:
    """Let a wait time out so often while nobody tells it anything; give the rounds in which it looked."""
    last, looked = None, []
    for now in range(rounds):
        if is_due(now, 0, last, pause, ends):
            last = noted(now, 0, last, partial=False)
            looked.append(now)
    return looked


def test_a_wait_looks_as_it_begins_and_after_silences_that_double() -> None:
    assert looks_in(100, pause=3) == [0, 3, 6, 12, 24, 48, 96]


def test_a_round_in_which_something_is_decided_is_looked_at_whatever_the_silence() -> None:
    assert looks_in(30, pause=4, ends=(29,)) == [0, 4, 8, 16, 29]


@given(rounds=st.integers(1, 500), pause=st.integers(1, 20))
def test_the_looks_of_a_wait_grow_with_the_logarithm_of_its_time(rounds: int, pause: int) -> None:
    assert len(looks_in(rounds, pause)) <= 2 + max(0, log2(rounds / pause))


def test_news_is_looked_at_and_begins_a_new_silence() -> None:
    last = noted(7, 1, Looked(4, 0, since=0), partial=False)
    assert is_due(7, 1, Looked(4, 0, since=0), 4)
    assert last.since == 7
    assert next(now for now in range(8, 20) if is_due(now, 1, last, 4)) == 11


def test_a_look_that_got_no_answer_is_made_up_for_in_the_next_round() -> None:
    assert is_due(5, 0, Looked(0, 0, since=0), 4)


@pytest.mark.parametrize(("now", "signals"), [(3, 1), (0, 0)], ids=["the same round again", "another execution"])
def test_what_died_looks_when_it_is_run_again(now: int, signals: int) -> None:
    assert is_due(now, signals, Looked(3, 1, since=0), 4)


def test_a_look_is_read_back_from_the_ledger_as_it_was() -> None:
    look = Looked(3, 2, since=1, partial=True)
    assert looked_from(look.as_item()) == look
    assert looked_from(None) is None


def event(status: str, serving: str = "churn-1", pending: str = "", message: str = "") -> dict[str, Any]:
    phases = [{"Status": "Baking", "StatusMessage": message}] if message else []
    summary = {"EndpointConfigName": pending, "ProductionVariants": [{"VariantStatus": phases}]}
    detail = {"EndpointName": "churn", "EndpointStatus": status, "EndpointConfigName": serving}
    return {**detail, "PendingDeploymentSummary": summary} if pending else detail


CANARY, FULL = "Baking with traffic on canary capacity of 1 instance(s).", "Baking on full capacity of 2 instance(s)."


@pytest.mark.parametrize(
    ("detail", "heard"),
    [
        (event("CREATING", serving=OURS), None),
        (event("UPDATING"), None),
        (event("UPDATING", pending=OURS), None),
        (event("UPDATING", pending=OURS, message=CANARY), Heard.PART),
        (event("UPDATING", pending=OURS, message=FULL), Heard.CHANGE),
        (event("UPDATING", pending="somebody-elses"), Heard.CHANGE),
        (event("UPDATING", serving=OURS), Heard.CHANGE),
        (event("IN_SERVICE", serving=OURS), Heard.CHANGE),
        (event("IN_SERVICE"), Heard.CHANGE),
        (event("DELETING"), Heard.CHANGE),
        (event("A_STATUS_OF_TOMORROW"), Heard.CHANGE),
        ({}, Heard.CHANGE),
    ],
)
def test_an_event_wakes_a_wait_only_where_its_endpoint_may_have_got_somewhere(
    detail: dict[str, Any], heard: Heard | None
) -> None:
    assert hear(detail, OURS) == heard

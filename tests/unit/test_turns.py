"""Whose turn it is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from slipway.release.release import Kind, Release, Turn
from slipway.rollout.turns import Standing, contend, hand_on


def release(name: str, order: str = "1", kind: Kind = Kind.RELEASE) -> Release:
    return Release(name, kind, "churn", f"execution-of-{name}", order, "2026-01-05T12:00:00+00:00")


def waiting(name: str, order: str = "1", asked: bool = False) -> dict[str, object]:
    return {"release": name, "execution": f"execution-of-{name}", "order": order, "asked": asked}


def test_a_free_endpoint_is_taken_with_a_higher_fence() -> None:
    contention = contend(Turn("churn", fence=7), release("a"), has_waited=False)
    assert contention.standing is Standing.OURS
    assert contention.turn == Turn("churn", 8, "a", "execution-of-a")


def test_the_first_ever_turn_is_taken() -> None:
    assert contend(None, release("a"), has_waited=False).turn == Turn("churn", 1, "a", "execution-of-a")


def test_a_held_endpoint_is_waited_for() -> None:
    contention = contend(Turn("churn", 1, "a", "x"), release("b", "2"), has_waited=False)
    assert contention.standing is Standing.WAITING
    assert contention.turn is not None
    assert contention.turn.next == waiting("b", "2")


def test_a_newer_release_displaces_the_one_that_waits() -> None:
    turn = Turn("churn", 1, "a", "x", next=waiting("b", "2"))
    contention = contend(turn, release("c", "3"), has_waited=False)
    assert (contention.standing, contention.displaced) == (Standing.WAITING, "b")


def test_an_older_release_does_not_displace_a_newer_one() -> None:
    turn = Turn("churn", 1, "a", "x", next=waiting("c", "3"))
    assert contend(turn, release("b", "2"), has_waited=False).standing is Standing.SUPERSEDED


def test_the_displaced_one_is_superseded_when_it_looks_again() -> None:
    turn = Turn("churn", 1, "a", "x", next=waiting("c", "3"))
    assert contend(turn, release("b", "2"), has_waited=True).standing is Standing.SUPERSEDED


def test_an_operators_rollback_outranks_a_newer_drop() -> None:
    turn = Turn("churn", 1, "a", "x", next=waiting("c", "3"))
    contention = contend(turn, release("back", "2", Kind.ROLLBACK), has_waited=False)
    assert contention.displaced == "c"


def test_the_holder_keeps_its_turn_and_lets_another_execution_act_for_it() -> None:
    turn = Turn("churn", 4, "a", "a-dead-execution", next=waiting("b", "2"))
    contention = contend(turn, release("a"), has_waited=True)
    assert contention.standing is Standing.OURS
    assert contention.turn == replace(turn, execution="execution-of-a", fence=5)


def test_the_turn_is_handed_to_the_one_that_waits() -> None:
    after = hand_on(Turn("churn", 4, "a", "x", next=waiting("b", "2")))
    assert after == Turn("churn", 5, "b", "execution-of-b")
    assert contend(after, release("b", "2"), has_waited=True).standing is Standing.OURS


def test_the_turn_is_free_when_nobody_waits() -> None:
    assert hand_on(Turn("churn", 4, "a", "x")) == Turn("churn", 5)


@given(orders=st.lists(st.integers(0, 999).map(lambda n: f"{n:03d}"), min_size=1, max_size=8, unique=True))
def test_whatever_the_order_of_arrival_the_newest_waits_and_each_other_one_is_superseded(orders: list[str]) -> None:
    turn = Turn("churn", 1, "holder", "x")
    waits: set[str] = set()
    for order in orders:
        contention = contend(turn, release(f"r{order}", order), has_waited=False)
        turn = contention.turn or turn
        waits = (waits | {f"r{order}"} if contention.standing is Standing.WAITING else waits) - {contention.displaced}
    assert turn.next is not None
    assert turn.next["release"] == f"r{max(orders)}"
    assert waits == {f"r{max(orders)}"}

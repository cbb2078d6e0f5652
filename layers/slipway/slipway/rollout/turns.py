"""Whose turn it is to change an endpoint: one release at a time, the newest waiting one next, older ones superseded."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from slipway.release.release import Kind, Release, Turn


class Standing(StrEnum):
    """Where a contender stands."""

    OURS = "ours"
    WAITING = "waiting"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Contention:
    """What a contender does: where it stands, the turn as it shall be (None: as it is), and whom it displaced."""

    standing: Standing
    turn: Turn | None = None
    reason: str = ""
    displaced: str = ""


def contend(turn: Turn | None, me: Release, has_waited: bool) -> Contention:
    """Decide what a release that wants the turn does.

    Args:
        turn: the turn as it stands, None when nobody ever had it.
        me: the contender.
        has_waited: whether it once stood as next; then no longer being next means that a newer one took its place.
    """
    if turn is not None and turn.holder == me.id:
        return _hold(turn, me)
    waiting = turn.next if turn else None
    if waiting and waiting["release"] == me.id:
        return Contention(Standing.WAITING)
    if has_waited:
        return Contention(Standing.SUPERSEDED, reason="another release that comes first took the next turn")
    if waiting and not outranks(_rank(me), waiting):
        what = "rollback" if waiting["asked"] and me.kind is not Kind.ROLLBACK else "newer release"
        return Contention(Standing.SUPERSEDED, reason=f"the {what} {waiting['release']} waits already")
    if turn is None or not turn.holder:
        fence = turn.fence + 1 if turn else 1
        return Contention(Standing.OURS, Turn(me.endpoint, fence, me.id, me.execution))
    displaced = waiting["release"] if waiting else ""
    return Contention(Standing.WAITING, replace(turn, next=_rank(me)), displaced=displaced)


def outranks(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether one contender comes before another: what an operator asked for first, then the newer drop."""
    return (one["asked"], one["order"]) > (other["asked"], other["order"])


def leave(turn: Turn, release: str) -> Turn | None:
    """Give the turn without a release that is over: handed on if it held it; None if it neither held nor waited."""
    if turn.holder == release:
        return hand_on(turn)
    return replace(turn, next=None) if (turn.next or {}).get("release") == release else None


def hand_on(turn: Turn) -> Turn:
    """Give the turn to the one that waits, or to nobody."""
    waiting = turn.next or {"release": "", "execution": ""}
    return Turn(turn.endpoint, turn.fence + 1, waiting["release"], waiting["execution"])


def _hold(turn: Turn, me: Release) -> Contention:
    """Keep the turn; another execution that acts for the holder raises the fence, against what the dead one left."""
    if turn.execution == me.execution:
        return Contention(Standing.OURS)
    return Contention(Standing.OURS, replace(turn, execution=me.execution, fence=turn.fence + 1))


def _rank(release: Release) -> dict[str, Any]:
    return {
        "release": release.id,
        "execution": release.execution,
        "order": release.order,
        "asked": release.kind is Kind.ROLLBACK,
    }

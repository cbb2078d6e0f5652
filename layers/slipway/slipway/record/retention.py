"""What is kept to go back to, and what nobody can want any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.release.release import Live
from slipway.release.verdicts import Outcome

Line = Mapping[str, Any]
"""A line of an endpoint's history."""


@dataclass(frozen=True)
class Window:
    """The history of one endpoint, split into what is kept and what may go."""

    kept: tuple[Line, ...]
    expired: tuple[Line, ...]


def window(lines: Sequence[Line], live: Live | None, keep: int) -> Window:
    """Split an endpoint's history: the latest live releases are kept, whatever serves or served last, and what a human
    still has to look at; what failed, and what is older, may go.

    Args:
        lines: the history, newest first.
        live: what the endpoint is known to serve, None if nothing.
        keep: how many releases that went live are kept.
    """
    went_live = [line["release"] for line in lines if line["outcome"] == Outcome.LIVE]
    wanted = set(went_live[:keep])
    if live is not None:
        wanted |= {live.release, (live.previous or {}).get("release")}
    kept = [line for line in lines if line["release"] in wanted or line["outcome"] == Outcome.NEEDS_HUMAN]
    gone = [line for line in lines if line not in kept and not line.get("retired")]
    return Window(tuple(kept), tuple(gone))

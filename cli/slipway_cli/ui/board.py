"""What the page shows: of each endpoint what is live, what is under way, who waits, how the last releases went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from slipway.exchanges import Item
from slipway.record.progress import Line, lines
from slipway.release.release import Release, waits_at
from slipway.release.verdicts import Outcome
from slipway_cli.desk import Desk
from slipway_cli.looking import endpoint_status, known_endpoints, told_history
from slipway_cli.shapes import release_shape

RECENT = 3
"""Ended releases of each endpoint where all are shown."""

MANY = 30
"""Ended releases where one endpoint is shown."""

CALM_FACTOR = 3
"""How much longer a look is good for while nothing is under way: each costs about ten calls for an endpoint."""


@dataclass(frozen=True)
class Card:
    """One endpoint."""

    status: Mapping[str, Any]
    """As `slipway status --json` gives it."""
    phases: Sequence[Line]
    """Of the release under way."""
    waits_for_human: bool
    """Whether that release waits to be approved."""
    past: Sequence[Mapping[str, Any]]
    """Releases that have ended, newest first, as `slipway history --json` gives them, and `next` where one failed."""

    @property
    def coming(self) -> Mapping[str, Any] | None:
        """The release under way, as `slipway report --json` gives it."""
        release = self.status["release"]
        return release if release and release["outcome"] is None else None


@dataclass(frozen=True)
class Board:
    """The endpoints at one moment."""

    at: datetime
    cards: Sequence[Card]


class Lookout:
    """Looks at the endpoints for however many browsers: one look at a time, and none that is not needed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._boards: dict[str, Board] = {}
        self._next: dict[tuple[str, str], str] = {}
        self.place = desk.place
        self.seconds = max(1.0, desk.poll_seconds)
        """How long a look is good for while something is under way."""

    def board(self, endpoint: str = "") -> Board:
        """Give what is known of one endpoint, or of all.

        Raises:
            CommandError: there is no such endpoint.
        """
        with self._lock:
            known = self._boards.get(endpoint)
            if known is None or not self._is_fresh(known):
                known = self._boards[endpoint] = self._look(endpoint)
            return known

    def release(self, release: str) -> tuple[Release, datetime]:
        """Give a release, and the time.

        Raises:
            ReleaseNotFoundError: there is none of this id.
        """
        with self._lock:
            return self._desk.ledger.release(release), self._desk.clock.now()

    def _is_fresh(self, board: Board) -> bool:
        busy = any(card.coming or card.status["waiting"] for card in board.cards)
        good_for = self.seconds if busy else self.seconds * CALM_FACTOR
        return (self._desk.clock.now() - board.at).total_seconds() < good_for

    def _look(self, endpoint: str) -> Board:
        now = self._desk.clock.now()
        names = [endpoint] if endpoint else known_endpoints(self._desk)
        return Board(now, [self._card(name, now, MANY if endpoint else RECENT) for name in names])

    def _card(self, endpoint: str, now: datetime, limit: int) -> Card:
        status, latest = endpoint_status(self._desk, endpoint)
        coming = latest if latest and latest.outcome is None else None
        past = [{**line, "next": self._next_of(line)} for line in told_history(self._desk.ledger, endpoint, limit)]
        waits = coming is not None and waits_at(coming) is not None
        return Card(status, lines(coming, now) if coming else [], waits, past)

    def _next_of(self, line: Item) -> str:
        """Give the command that helps after a release that failed; it stays what it is once the release has ended."""
        if Outcome(line["outcome"]).is_success:
            return ""
        key = (line["release"], line["at"])
        if key not in self._next:
            self._next[key] = release_shape(self._desk.ledger.release(line["release"]))["next"]
        return self._next[key]

"""Showing releases while they are made: as lines for logs, as trees for terminals, as lines of JSON for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from rich.console import Group
from rich.live import Live
from rich.tree import Tree

from slipway.record.progress import lines, records
from slipway.release.phases import Phase
from slipway.release.release import Release, is_closed
from slipway_cli.pictures import MARKS, change_line, phase_tree
from slipway_cli.screen import Screen
from slipway_cli.shapes import phase_shape, release_shape


class Watcher(Protocol):
    """Shows a release each time somebody has looked at it."""

    def see(self, release: Release, now: datetime, /) -> None: ...


class LineWatcher:
    """One line for each change: for logs and pipes."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._said: dict[tuple[str, Phase], str] = {}

    def see(self, release: Release, now: datetime) -> None:
        """Print what has changed since the last look."""
        for line in lines(release, now):
            key = (release.id, line.phase)
            if self._said.get(key) != line.mark:
                self._said[key] = line.mark
                record = release.phases[line.phase]
                at = record.ended_at or record.started_at
                self._screen.say(change_line(line, release.endpoint, at), MARKS[line.mark])


class TreeWatcher:
    """A tree of phases for each release, drawn anew at each look: for terminals."""

    def __init__(self, picture: Live) -> None:
        self._picture = picture
        self._trees: dict[str, Tree] = {}

    def see(self, release: Release, now: datetime) -> None:
        """Draw the release as it is now, beneath those that were there before it."""
        self._trees[release.id] = phase_tree(release, now)
        self._picture.update(Group(*self._trees.values()), refresh=True)


class JsonWatcher:
    """One line of JSON for each change: a phase that begins or answers, and a release that is over."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._told: dict[tuple[str, Phase], str] = {}
        self._over: set[str] = set()

    def see(self, release: Release, _now: datetime, /) -> None:
        """Print what has changed since the last look."""
        for record in records(release):
            key, answer = (release.id, record.phase), str(record.answer)
            if self._told.get(key) != answer:
                self._told[key] = answer
                about = {"change": "phase", "endpoint": release.endpoint, "release": release.id}
                self._screen.show_line({**about, **phase_shape(record)})
        if is_closed(release):
            self.tell_end(release)

    def tell_end(self, release: Release) -> None:
        """Print the whole of a release that is over, once."""
        if release.id not in self._over:
            self._over.add(release.id)
            self._screen.show_line({"change": "release", **release_shape(release)})


@contextmanager
def watcher(screen: Screen) -> Iterator[Watcher]:
    """Give the watcher that fits the terminal, or its absence."""
    if not screen.err.is_terminal:
        yield LineWatcher(screen)
        return
    with Live(console=screen.err, auto_refresh=False) as picture:
        yield TreeWatcher(picture)

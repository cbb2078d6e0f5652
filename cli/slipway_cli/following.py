"""Following a release until it is over, and showing what changes meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from rich.live import Live

from slipway.record.progress import lines
from slipway.release.phases import Phase
from slipway.release.release import Kind, Release, is_closed
from slipway.release.verdicts import Outcome
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.pictures import MARKS, change_line, phase_tree
from slipway_cli.screen import Screen

START_SECONDS = 60
"""How long an event may take to become a release in the ledger, in seconds."""

CLOSE_SECONDS = 30
"""How long Close the Release may take once the outcome is there, in seconds; more does not change the outcome."""

Found = TypeVar("Found")


class Watcher(Protocol):
    """Shows a release each time somebody has looked at it."""

    def see(self, release: Release, now: datetime) -> None: ...


class LineWatcher:
    """One line for each change: for logs and pipes."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._said: dict[Phase, str] = {}

    def see(self, release: Release, now: datetime) -> None:
        """Print what has changed since the last look."""
        for line in lines(release, now):
            if self._said.get(line.phase) != line.mark:
                self._said[line.phase] = line.mark
                record = release.phases[line.phase]
                at = record.ended_at or record.started_at
                self._screen.say(change_line(line, release.endpoint, at), MARKS[line.mark])


class TreeWatcher:
    """The tree of phases, drawn anew at each look: for terminals."""

    def __init__(self, picture: Live) -> None:
        self._picture = picture

    def see(self, release: Release, now: datetime) -> None:
        """Draw the release as it is now."""
        self._picture.update(phase_tree(release, now), refresh=True)


@contextmanager
def watcher(screen: Screen) -> Iterator[Watcher]:
    """Give the watcher that fits the terminal, or its absence."""
    if not screen.err.is_terminal:
        yield LineWatcher(screen)
        return
    with Live(console=screen.err, auto_refresh=False) as picture:
        yield TreeWatcher(picture)


def wait_for(desk: Desk, look: Callable[[], Found | None], seconds: float) -> Found | None:
    """Look again and again until something is there, or the time is over."""
    until = desk.clock.now() + timedelta(seconds=seconds)
    while (found := look()) is None and desk.clock.now() < until:
        desk.clock.sleep(desk.poll_seconds)
    return found


def follow(desk: Desk, screen: Screen, release: str, seconds: float, closed_before: str = "") -> Release:
    """Follow a release until it is over.

    Args:
        desk: where it is.
        screen: where its changes are shown.
        release: its id.
        seconds: how long to follow it.
        closed_before: when it was closed already, if it is being recovered.

    Raises:
        CommandError: it is not over in time.
    """
    try:
        with watcher(screen) as shown:
            return _follow(desk, shown, release, seconds, closed_before)
    except KeyboardInterrupt:
        screen.say(f"Release {release} goes on without being watched.")
        raise


def _follow(desk: Desk, shown: Watcher, release: str, seconds: float, closed_before: str) -> Release:
    until = desk.clock.now() + timedelta(seconds=seconds)
    while True:
        seen, now = desk.ledger.release(release), desk.clock.now()
        shown.see(seen, now)
        if is_closed(seen) and seen.phases[Phase.CLOSE_RELEASE].ended_at != closed_before:
            return seen
        if seen.outcome is not None and not closed_before:
            until = min(until, now + timedelta(seconds=CLOSE_SECONDS))
        if now >= until:
            return _late(seen, seconds)
        desk.clock.sleep(desk.poll_seconds)


def exit_code(release: Release) -> ExitCode:
    """Say how a command ends that followed a release; a rollback that was asked for is done when it is back."""
    if release.outcome is None:
        return ExitCode.TIMED_OUT
    wanted = release.outcome.is_success
    if release.kind is Kind.ROLLBACK:
        wanted = release.outcome in (Outcome.ROLLED_BACK, Outcome.UNCHANGED)
    return ExitCode.DONE if wanted else ExitCode.FAILED


def _late(release: Release, seconds: float) -> Release:
    """Take a release as it is when the time is over: its outcome counts, without one it is too late."""
    if release.outcome is not None:
        return release
    at = max(release.phases.values(), key=lambda record: record.phase.ordinal, default=None)
    why = f"it is at {at.phase.state!r}" if at else "no phase has begun"
    what = f"Release {release.id} is not over after {seconds:.0f} s; it goes on."
    raise CommandError(what, why, f"slipway status {release.endpoint} --watch", ExitCode.TIMED_OUT)

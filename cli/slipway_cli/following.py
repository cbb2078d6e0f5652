"""Following releases until they are over, and showing what changes meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from slipway.release.phases import Phase
from slipway.release.release import Kind, Release, is_closed
from slipway.release.verdicts import Outcome
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.looking import open_ids
from slipway_cli.screen import Screen
from slipway_cli.watchers import Watcher, watcher

START_SECONDS = 60
"""How long an event may take to become a release in the ledger, in seconds."""

CLOSE_SECONDS = 30
"""How long Close the Release may take once the outcome is there, in seconds; more does not change the outcome."""

Found = TypeVar("Found")


def wait_for(desk: Desk, look: Callable[[], Found | None], seconds: float) -> Found | None:
    """Look again and again until something is there, or the time is over."""
    until = desk.clock.now() + timedelta(seconds=seconds)
    while (found := look()) is None and desk.clock.now() < until:
        desk.clock.sleep(desk.poll_seconds)
    return found


@dataclass
class _Followed:
    """A release that is followed to its end."""

    release: str
    closed_before: str = ""
    """When it was closed already, if it is being recovered."""
    settled: datetime | None = None
    """When its outcome was seen first."""

    def is_over(self, seen: Release, now: datetime) -> bool:
        """Whether it is closed, or has had its outcome for so long that nobody closes it any more."""
        if is_closed(seen) and seen.phases[Phase.CLOSE_RELEASE].ended_at != self.closed_before:
            return True
        if seen.outcome is None or self.closed_before:
            return False
        self.settled = self.settled or now
        return now >= self.settled + timedelta(seconds=CLOSE_SECONDS)


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
            return _follow(desk, shown, _Followed(release, closed_before), seconds)
    except KeyboardInterrupt:
        screen.say(f"Release {release} goes on without being watched.")
        raise


def _follow(desk: Desk, shown: Watcher, followed: _Followed, seconds: float) -> Release:
    until = desk.clock.now() + timedelta(seconds=seconds)
    while True:
        seen, now = desk.ledger.release(followed.release), desk.clock.now()
        shown.see(seen, now)
        if followed.is_over(seen, now):
            return seen
        if now >= until:
            return _late(seen, seconds)
        desk.clock.sleep(desk.poll_seconds)


def follow_all(desk: Desk, shown: Watcher, endpoint: str, seconds: float) -> list[Release]:
    """Follow every release under way, and those that begin meanwhile, until none is.

    Args:
        desk: where they are.
        shown: who shows their changes.
        endpoint: the endpoint of which they are; empty for every one.
        seconds: how long to follow them.

    Returns:
        Those that ended meanwhile, in the order in which they did.

    Raises:
        CommandError: they are not over in time.
    """
    until = desk.clock.now() + timedelta(seconds=seconds)
    coming: dict[str, _Followed] = {}
    over: dict[str, Release] = {}
    while True:
        for release in open_ids(desk.ledger, endpoint):
            coming.setdefault(release, _Followed(release))
        now = desk.clock.now()
        for followed in list(coming.values()):
            seen = desk.ledger.release(followed.release)
            shown.see(seen, now)
            if followed.is_over(seen, now) or now >= until:
                over[seen.id] = _late(seen, seconds) if seen.outcome is None else seen
                del coming[seen.id]
        if not coming:
            return list(over.values())
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
    raise CommandError(what, why, f"slipway watch {release.endpoint}", ExitCode.TIMED_OUT)

"""watch: what is under way, until it is over."""

from collections.abc import Iterable
from typing import Annotated

import typer

from slipway.release.release import Release
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.following import exit_code, follow_all
from slipway_cli.looking import endpoint_status
from slipway_cli.options import FOLLOW_SECONDS, STACK, Env, Json, Stack, Timeout, sit_down
from slipway_cli.pictures import outcome_line
from slipway_cli.screen import Screen
from slipway_cli.shapes import release_shape
from slipway_cli.watchers import JsonWatcher, watcher


def watch(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="The endpoint; without it, all of them.", show_default=False)] = "",
    timeout: Timeout = FOLLOW_SECONDS,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Follow what is under way until nothing is, and tell how it ended.

    Where nothing is under way, it tells how the endpoint's latest release ended. Exits 3 when the latest release of an
    endpoint was rejected or rolled back. With --json one line of JSON for each change: a phase that began or answered
    ("change": "phase"), a release that is over ("change": "release").
    """
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    try:
        ended = _told_in_json(desk, screen, endpoint, timeout) if as_json else _told(desk, screen, endpoint, timeout)
    except KeyboardInterrupt:
        screen.say("What is under way goes on without being watched.")
        raise
    latest = {release.endpoint: release for release in ended}.values()
    failed = any(exit_code(release) is not ExitCode.DONE for release in latest)
    raise typer.Exit(ExitCode.FAILED if failed else ExitCode.DONE)


def _told(desk: Desk, screen: Screen, endpoint: str, seconds: float) -> Iterable[Release]:
    with watcher(screen) as shown:
        ended = follow_all(desk, shown, endpoint, seconds)
    for release in (ended := ended or _latest(desk, screen, endpoint)):
        screen.show(None, outcome_line(release))
        if exit_code(release) is not ExitCode.DONE:
            screen.say(f"Next: {release_shape(release)['next']}")
    return ended


def _told_in_json(desk: Desk, screen: Screen, endpoint: str, seconds: float) -> Iterable[Release]:
    shown = JsonWatcher(screen)
    ended = follow_all(desk, shown, endpoint, seconds) or _latest(desk, screen, endpoint)
    for release in ended:
        shown.tell_end(release)
    return ended


def _latest(desk: Desk, screen: Screen, endpoint: str) -> list[Release]:
    """Give the release of an endpoint that ended last, where nothing of it is under way."""
    if not endpoint:
        screen.say("Nothing is under way.")
        return []
    _, latest = endpoint_status(desk, endpoint)
    if latest is None:
        why = "no release to it has begun"
        next_step = f"slipway release model.tar.gz --endpoint {endpoint} --version 1"
        raise CommandError(f"There is nothing to watch of {endpoint}.", why, next_step, ExitCode.NOT_FOUND)
    return [latest]

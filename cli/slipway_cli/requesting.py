"""What the commands that ask something of a release share: to ask, and to show how it ended."""

from typing import Any, NoReturn

import typer

from slipway.intake.requests import DETAIL_TYPE
from slipway.release.release import Release
from slipway_cli.desk import Desk
from slipway_cli.errors import ExitCode
from slipway_cli.following import exit_code
from slipway_cli.pictures import outcome_line
from slipway_cli.screen import Screen
from slipway_cli.shapes import release_shape


def ask(
    desk: Desk, screen: Screen, asked: dict[str, Any], said: str, *, no_follow: bool, detail_type: str = DETAIL_TYPE
) -> str:
    """Send a request in the name of who is at the desk.

    Args:
        desk: where it is sent from.
        screen: where it is told.
        asked: what is asked for.
        said: what is told once it was sent.
        no_follow: whether that is all.
        detail_type: of the event.

    Returns:
        The event's id.

    Raises:
        typer.Exit: with --no-follow, after the id was shown.
    """
    event = desk.request({**asked, "requested_by": desk.caller}, detail_type)
    screen.say(said)
    if no_follow:
        screen.show({"event": event}, event)
        raise typer.Exit(ExitCode.DONE)
    return event


def finish(screen: Screen, ended: Release, code: ExitCode | None = None) -> NoReturn:
    """Show how a release ended, and end the command.

    Args:
        screen: where it is shown.
        ended: the release.
        code: the exit code where it is not that of the outcome.
    """
    data = release_shape(ended)
    screen.show(data, outcome_line(ended))
    code = exit_code(ended) if code is None else code
    if code is not ExitCode.DONE:
        screen.say(f"Next: {data['next']}")
    raise typer.Exit(code)

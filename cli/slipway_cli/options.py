"""Options that many commands share, and the frame in which every command runs."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from slipway.errors import SlipwayError
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError
from slipway_cli.place import Place, open_desk
from slipway_cli.screen import Screen

Json = Annotated[bool, typer.Option("--json", help="Print data as JSON on stdout; progress stays on stderr.")]
Env = Annotated[
    Place | None,
    typer.Option("--env", help="Where to look; by default the local cloud if it runs, else AWS.", show_default=False),
]
Stack = Annotated[str, typer.Option("--stack", envvar="SLIPWAY_STACK", help="Name of the deployed stack.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0, help="How many seconds to follow the release.")]
NoFollow = Annotated[bool, typer.Option("--no-follow", help="Do not wait for the outcome.")]

STACK = "slipway"
FOLLOW_SECONDS = 3600.0

Given = ParamSpec("Given")


def sit_down(context: typer.Context, screen: Screen, place: Place | None, stack: str) -> Desk:
    """Open the desk and say where it stands; a test hands its own opener in as the context's object."""
    opener: Callable[[Place | None, str], Desk] = context.obj if callable(context.obj) else open_desk
    desk = opener(place, stack)
    screen.say(f"({desk.place})", "dim")
    return desk


def framed(command: Callable[Given, None]) -> Callable[Given, None]:
    """Run a command so that what was foreseen ends as what, why, next and an exit code, not as a traceback."""

    @wraps(command)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            command(*args, **kwargs)
        except (CommandError, SlipwayError, BotoCoreError, ClientError) as error:
            from slipway_cli.refusals import told

            known = told(error)
            if known is None:
                raise
            Screen(as_json=bool(kwargs.get("as_json"))).refuse(known)
            raise typer.Exit(known.code) from error

    return run

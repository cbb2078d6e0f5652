"""logs: everything that was written about a release."""

from typing import Annotated

import typer
from rich.text import Text

from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen
from slipway_cli.telling import container_lines, release_lines


def logs(
    context: typer.Context,
    release_id: Annotated[str, typer.Argument(metavar="RELEASE", help="Id of the release.", show_default=False)],
    container: Annotated[bool, typer.Option("--container", help="What the model's own containers wrote.")] = False,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Show what the ledger and the functions' logs tell of a release, in the order of time."""
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    release = desk.ledger.release(release_id)
    told = container_lines(desk, release) if container else release_lines(desk, release)
    screen.show([line.shape() for line in told], Text("\n").join(Text(str(line), style=line.style) for line in told))
    if not told:
        screen.say("Nothing was written.")

"""status, history and schema: what is known."""

import json
from typing import Annotated

import typer

from slipway.release.release import is_closed
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.following import exit_code, follow
from slipway_cli.looking import endpoint_status, overview, told_history
from slipway_cli.options import FOLLOW_SECONDS, STACK, Env, Json, Stack, Timeout, sit_down
from slipway_cli.pictures import history_table, overview_table, status_picture
from slipway_cli.screen import Screen


def status(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="The endpoint; without it, all of them.", show_default=False)] = "",
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow the release under way to its outcome.")] = False,
    timeout: Timeout = FOLLOW_SECONDS,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Show what is live, what is under way and how the latest release went.

    With --watch it exits 3 when the latest release was rejected or rolled back; `slipway watch` tells each change.
    """
    if watch and not endpoint:
        raise CommandError("What shall be watched?", next_step="slipway watch", code=ExitCode.USAGE)
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    if not endpoint:
        statuses = overview(desk)
        screen.show(statuses, overview_table(statuses) if statuses else "No endpoint has been released to yet.")
        return
    seen, latest = endpoint_status(desk, endpoint)
    if watch and latest and not is_closed(latest):
        follow(desk, screen, latest.id, timeout)
        seen, latest = endpoint_status(desk, endpoint)
    screen.show(seen, status_picture(seen, latest, desk.clock.now()))
    if watch and latest:
        raise typer.Exit(exit_code(latest))


def history(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="The endpoint.", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many releases to show.")] = 20,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """List the releases of an endpoint that have ended, newest first."""
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    shown = told_history(desk.ledger, endpoint, limit)
    if not shown:
        why = "no release of it has ended"
        raise CommandError(f"{endpoint} has no history.", why, "slipway status", ExitCode.NOT_FOUND)
    screen.show(shown, history_table(shown))


def schema(as_json: Json = False) -> None:
    """Print the JSON Schema of release.yaml, for editors and CI."""
    from slipway.intake.spec_schema import json_schema

    text = json.dumps(json_schema(), indent=2)
    Screen(as_json=as_json).show(json.loads(text), text)

"""doctor: is everything in place that releases need?"""

import typer
from rich.table import Table
from rich.text import Text

from slipway_cli.checkup import Check, Health, checked
from slipway_cli.errors import ExitCode
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen

MARKS = {
    Health.GOOD: ("✔", "green"),
    Health.ATTENTION: ("!", "yellow"),
    Health.BAD: ("✖", "red"),
    Health.UNKNOWN: ("?", "yellow"),
}


def doctor(context: typer.Context, as_json: Json = False, env: Env = None, stack: Stack = STACK) -> None:
    """Look whether everything is in place that releases need, and what to do where it is not.

    Rules and notifications, lost events, releases that died or wait, endpoints that serve something else than what is
    live. It changes nothing. Exits 1 where something is broken or cannot be looked at.
    """
    screen = Screen(as_json=as_json)
    checks = checked(sit_down(context, screen, env, stack))
    screen.show([check._asdict() for check in checks], _picture(checks))
    if any(check.health in (Health.BAD, Health.UNKNOWN) for check in checks):
        raise typer.Exit(ExitCode.UNEXPECTED)


def _picture(checks: list[Check]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for check in checks:
        mark, style = MARKS[check.health]
        said = Text(check.told)
        if check.next:
            said.append(f"\nNext: {check.next}", style="dim")
        table.add_row(Text(mark, style=style), Text(check.about, style="dim"), said)
    return table

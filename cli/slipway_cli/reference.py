"""The command reference, generated from the commands: `python -m slipway_cli.reference docs/cli.md` writes it anew."""

import sys
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from slipway_cli.app import COMMANDS, SMOKE_COMMANDS, app

BEGIN, END = "<!-- begin commands, generated -->", "<!-- end commands, generated -->"
WIDTH = 80


def reference() -> str:
    """Give the help of every command, in the order in which one needs them."""
    group = get_command(app)
    root = typer.Context(group, info_name="slipway", terminal_width=WIDTH, help_option_names=["-h", "--help"])
    smoke = group.commands["smoke"]  # type: ignore[attr-defined]
    parts = [_help(group, root, function.__name__) for function in COMMANDS]
    below = typer.Context(smoke, info_name="smoke", parent=root)
    parts += [_help(smoke, below, function.__name__) for function in SMOKE_COMMANDS]
    return "\n".join(parts)


def _help(group: Any, above: typer.Context, name: str) -> str:
    command = group.commands[name]
    context = typer.Context(command, info_name=command.name, parent=above)
    return f"### {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"


def renewed(page: str) -> str:
    """Put the reference of today between the marks of a page."""
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text()))

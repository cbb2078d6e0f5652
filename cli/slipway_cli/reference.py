"""The command reference, generated from the commands: `python -m slipway_cli.reference docs/cli.md` writes it anew."""

import sys
from pathlib import Path

import typer
from typer.main import get_command

from slipway_cli.app import COMMANDS, app

BEGIN, END = "<!-- begin commands, generated -->", "<!-- end commands, generated -->"
WIDTH = 80


def reference() -> str:
    """Give the help of every command, in the order in which one needs them."""
    group = get_command(app)
    root = typer.Context(group, info_name="slipway", terminal_width=WIDTH, help_option_names=["-h", "--help"])
    parts = []
    for function in COMMANDS:
        command = group.commands[function.__name__]  # type: ignore[attr-defined]
        shown = command.get_help(typer.Context(command, info_name=command.name, parent=root))
        parts.append(f"### slipway {command.name}\n\n```text\n{shown}\n```\n")
    return "\n".join(parts)


def renewed(page: str) -> str:
    """Put the reference of today between the marks of a page."""
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text()))

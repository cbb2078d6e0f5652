"""policy: what an installation allows, and whether a document says it well."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen

Document = Annotated[
    Path | None,
    typer.Argument(help="A policy document to check; without one, the deployed policy.", show_default=False),
]


def policy(
    context: typer.Context, document: Document = None, as_json: Json = False, env: Env = None, stack: Stack = STACK
) -> None:
    """Check a policy document before it is written to SSM, or show the policy that holds now.

    Exits 3 when it cannot be used: then nothing could be released.
    """
    from slipway.intake.freezes import frozen_now
    from slipway.intake.policy_document import PolicyDocument
    from slipway.intake.policy_reading import read_policy
    from slipway.steps.policing import in_force

    screen = Screen(as_json=as_json)
    shown: dict[str, Any]
    if document:
        if not document.is_file():
            raise CommandError(f"There is no file {document}.", next_step="check the path", code=ExitCode.USAGE)
        read = read_policy(document.read_text(encoding="utf-8", errors="surrogateescape"), str(document))
        found = [] if isinstance(read, PolicyDocument) else read
        shown = {"document": asdict(read)} if isinstance(read, PolicyDocument) else {}
    else:
        desk = sit_down(context, screen, env, stack)
        held = in_force(desk)
        found = list(held.findings)
        frozen = frozen_now(held.document.freezes, desk.clock.now()) if held.document else None
        rules = asdict(held.stack) | {"allowed_environment": sorted(held.stack.allowed_environment)}
        shown = {"stack": rules, "frozen": frozen.name if frozen else ""}
        shown |= {"name": held.name, "document": asdict(held.document)} if held.document else {}
    screen.show({**shown, "findings": [asdict(finding) for finding in found]}, _picture(shown))
    for finding in found:
        screen.say(str(finding), "red")
    if found:
        raise typer.Exit(ExitCode.FAILED)


def _picture(shown: dict[str, Any]) -> Table | str:
    if not shown:
        return "This document cannot be used."
    table = Table("rule", "value", "from")
    for source in ("stack", "document"):
        for name, value in shown.get(source, {}).items():
            if value not in ("", (), [], {}, None):
                table.add_row(name, str(value), source)
    return table

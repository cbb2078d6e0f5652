"""All commands under one name."""

from typing import Annotated

import typer

from slipway_cli.commands.aborting import abort
from slipway_cli.commands.approving import approve
from slipway_cli.commands.asking import history, schema, status
from slipway_cli.commands.doctoring import doctor
from slipway_cli.commands.invoking import invoke
from slipway_cli.commands.local import down, up
from slipway_cli.commands.planning import plan
from slipway_cli.commands.policing import policy
from slipway_cli.commands.reading_logs import logs
from slipway_cli.commands.recording import record
from slipway_cli.commands.releasing import recover, release, rollback
from slipway_cli.commands.reporting import report
from slipway_cli.commands.showing import ui
from slipway_cli.commands.signing import sign
from slipway_cli.commands.watching import watch
from slipway_cli.options import framed

COMMANDS = (
    up,
    down,
    plan,
    policy,
    sign,
    release,
    status,
    watch,
    history,
    report,
    logs,
    invoke,
    rollback,
    abort,
    approve,
    recover,
    doctor,
    schema,
    ui,
)
SMOKE_COMMANDS = (record,)
"""Those of `slipway smoke`."""

app = typer.Typer(
    name="slipway",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("slipway"))
        raise typer.Exit


@app.callback()
def slipway(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Release machine-learning models behind SageMaker endpoints safely.

    Exit codes: 0 done, 1 unexpected, 2 usage, 3 the release failed or was rolled back, 4 credentials, 5 timed out,
    6 not found, 130 interrupted.
    """


for command in COMMANDS:
    app.command()(framed(command))

smoke = typer.Typer(no_args_is_help=True, help="Make smoke cases.", rich_markup_mode=None)
for smoke_command in SMOKE_COMMANDS:
    smoke.command()(framed(smoke_command))
app.add_typer(smoke, name="smoke")

"""report: one release as a page."""

from pathlib import Path
from typing import Annotated

import typer

from slipway.errors import ReleaseNotFoundError
from slipway.record.report_page import page
from slipway.release.release import Release
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.files import write
from slipway_cli.looking import latest_release
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.pictures import phase_tree
from slipway_cli.screen import Screen
from slipway_cli.shapes import release_shape

Html = Annotated[Path | None, typer.Option("--html", help="Write the page to this file.", show_default=False)]


def report(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Argument(metavar="ENDPOINT|RELEASE", help="A release, or the latest of an endpoint.", show_default=False),
    ],
    html: Html = None,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Tell the whole story of one release: its phases, what they found, and what it was about.

    With --html as a page for a ticket or a mail. The same page is kept in the artifact bucket, under
    reports/ENDPOINT/RELEASE/report.html, beside report.json.
    """
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    release = _meant(desk, target)
    now = desk.clock.now()
    if html:
        write(html, page(release, release.outcome, release.reason, now))
        screen.say(f"Wrote {html}")
    if as_json or not html:
        screen.show(release_shape(release), phase_tree(release, now))


def _meant(desk: Desk, target: str) -> Release:
    try:
        return desk.ledger.release(target)
    except ReleaseNotFoundError as error:
        latest = latest_release(desk.ledger, target)
        if latest is None:
            why = "no release of this id, and no endpoint of this name with a release"
            raise CommandError(f"There is no {target}.", why, "slipway status", ExitCode.NOT_FOUND) from error
        return latest

"""abort: a release stops, and what served before serves again."""

from typing import Annotated

import typer

from slipway.errors import ReleaseNotFoundError
from slipway.release.release import Release, is_closed
from slipway.release.verdicts import Outcome
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.following import follow
from slipway_cli.options import FOLLOW_SECONDS, STACK, Env, Json, NoFollow, Stack, Timeout, sit_down
from slipway_cli.requesting import ask, finish
from slipway_cli.screen import Screen

STOPPED = (Outcome.ROLLED_BACK, Outcome.REJECTED, Outcome.SUPERSEDED)


def abort(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="ENDPOINT|RELEASE", help="What to stop.", show_default=False)],
    no_follow: NoFollow = False,
    timeout: Timeout = FOLLOW_SECONDS,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Stop the release of an endpoint; what served before serves again.

    Before the endpoint is touched the release is rejected; while the new fleet bakes SageMaker is made to put traffic
    back. A release that is live already is undone by `slipway rollback`. Exits 0 when it was stopped, else 3.
    """
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    release = _under_way(desk, target)
    if is_closed(release):
        why = f"release {release.id} ended {release.outcome}"
        raise CommandError(
            "There is nothing to abort.", why, f"slipway rollback {release.endpoint}", ExitCode.NOT_FOUND
        )
    asked = {"kind": "abort", "release": release.id}
    ask(desk, screen, asked, f"Asked to abort {release.id}", no_follow=no_follow)
    ended = follow(desk, screen, release.id, timeout)
    finish(screen, ended, ExitCode.DONE if ended.outcome in STOPPED else ExitCode.FAILED)


def _under_way(desk: Desk, target: str) -> Release:
    """Find the release that is meant: by its id, or as the one whose turn the endpoint is."""
    turn = desk.ledger.turn(target)
    identifier = turn.holder if turn and turn.holder else target
    try:
        return desk.ledger.release(identifier)
    except ReleaseNotFoundError as error:
        why = "no release to an endpoint of this name is under way, and no release is called so"
        raise CommandError(
            f"There is nothing to abort for {target}.", why, "slipway status", ExitCode.NOT_FOUND
        ) from error

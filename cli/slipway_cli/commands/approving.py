"""approve: say yes or no to a release that waits for a human."""

from typing import Annotated

import typer

from slipway.intake.requests import APPROVAL
from slipway.release.approval import why_not
from slipway.release.release import Release, waits_at
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.following import exit_code, follow
from slipway_cli.options import FOLLOW_SECONDS, STACK, Env, Json, NoFollow, Stack, Timeout, sit_down
from slipway_cli.requesting import ask, finish
from slipway_cli.screen import Screen


def approve(
    context: typer.Context,
    release_id: Annotated[str, typer.Argument(metavar="RELEASE", help="Id of the release.", show_default=False)],
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no instead of yes.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is recorded with your name.")] = "",
    no_follow: NoFollow = False,
    timeout: Timeout = FOLLOW_SECONDS,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Approve a release that waits for it, or refuse it.

    The first answer stands. Your identity is recorded as AWS knows it (STS GetCallerIdentity). Exits 0 when the release
    is live, or was refused as you said; else 3.
    """
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    release = desk.ledger.release(release_id)
    _check(desk, release, refuse)
    asked = {"release": release.id, "approve": not refuse, "reason": reason}
    said = f"{'Refused' if refuse else 'Approved'} {release.id} as {desk.caller}"
    ask(desk, screen, asked, said, no_follow=no_follow, detail_type=APPROVAL)
    ended = follow(desk, screen, release.id, timeout)
    done = ended.outcome is not None and not ended.outcome.is_success if refuse else exit_code(ended) is ExitCode.DONE
    finish(screen, ended, ExitCode.DONE if done else ExitCode.FAILED)


def _check(desk: Desk, release: Release, refuse: bool) -> None:
    """Tell at once what the pipeline would tell its log only."""
    if waits_at(release) is None:
        ended = f"it ended {release.outcome}" if release.outcome else "it is under way"
        next_step = f"slipway status {release.endpoint}"
        raise CommandError(f"{release.id} does not wait for approval.", ended, next_step, ExitCode.NOT_FOUND)
    doubt = "" if refuse else why_not(release.wanted.approval, release.requested_by, desk.caller)
    if doubt:
        what = f"Your approval of {release.id} would not count."
        raise CommandError(what, doubt, f"have somebody else run: slipway approve {release.id}", ExitCode.FAILED)

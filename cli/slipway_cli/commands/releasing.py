"""release, rollback and recover: what changes an endpoint."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from slipway.exchanges import Item
from slipway.intake.keys import SPEC_FILES
from slipway.intake.names import endpoint_findings, version_findings
from slipway.intake.parsed import Parsed
from slipway.intake.signature import SUFFIX
from slipway.intake.spec_text import parse
from slipway.release.phases import Phase
from slipway.release.release import ObjectRef, Release, is_closed
from slipway.release.verdicts import Finding, Outcome
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.following import START_SECONDS, follow, wait_for
from slipway_cli.looking import started_by
from slipway_cli.options import FOLLOW_SECONDS, STACK, Env, Json, NoFollow, Stack, Timeout, sit_down
from slipway_cli.requesting import ask, finish
from slipway_cli.screen import Screen

Model = Annotated[Path, typer.Argument(help="The model.tar.gz.", show_default=False)]
Endpoint = Annotated[str, typer.Option("--endpoint", "-e", help="The endpoint that shall serve it.")]
Version = Annotated[str, typer.Option("--version", help="What you call this version of the model.")]
Spec = Annotated[Path | None, typer.Option("--spec", help="A release.yaml or .json; uploaded before the model.")]
Force = Annotated[bool, typer.Option("--force", help="Go forward over an endpoint that a release left to a human.")]


def release(
    context: typer.Context,
    model: Model,
    endpoint: Endpoint,
    version: Version,
    spec: Spec = None,
    force: Force = False,
    no_follow: NoFollow = False,
    timeout: Timeout = FOLLOW_SECONDS,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Release a model: upload it, after its signature if one lies beside it, and follow what becomes of it.

    Exits 0 when it is live, 3 when it was rejected or rolled back. With --force your name is recorded beside what it
    went over; everything else is checked as ever.
    """
    _check(model, endpoint, version, spec)
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    folder = f"models/{endpoint}/{version}"
    with TemporaryDirectory() as scratch:
        written_spec = _forcing(spec, Path(scratch)) if force else spec
        if written_spec:
            written = desk.bucket.put(written_spec, f"{folder}/{_spec_name(written_spec)}", desk.caller)
            screen.say(f"Uploaded {written.uri}")
    signature = model.with_name(f"{model.name}{SUFFIX}")
    if signature.is_file():
        written = desk.bucket.put(signature, f"{folder}/model.tar.gz{SUFFIX}", desk.caller)
        screen.say(f"Uploaded {written.uri}")
    artifact = desk.bucket.put(model, f"{folder}/model.tar.gz", desk.caller)
    screen.say(f"Uploaded {artifact.uri}")
    if no_follow:
        screen.show({"artifact": artifact.uri, "artifact_version": artifact.version}, artifact.uri)
        return
    begun = _begun(desk, lambda: desk.ledger.claims(artifact), f"the upload of {artifact.uri}")
    finish(screen, follow(desk, screen, begun.id, timeout))


def rollback(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="The endpoint.", show_default=False)],
    to: Annotated[
        str, typer.Option("--to", help="The release to go back to; by default the one before what is live.")
    ] = "",
    no_follow: NoFollow = False,
    timeout: Timeout = FOLLOW_SECONDS,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Put an endpoint back on what it served well before.

    A release that is under way and not live yet is stopped; without --to, what is live beneath it is the goal.
    """
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    live = desk.ledger.live(endpoint)
    if live is None:
        why = "no release of it has ever been live"
        raise CommandError(f"{endpoint} cannot go back.", why, "slipway status", ExitCode.NOT_FOUND)
    asked = {"kind": "rollback", "endpoint": endpoint, "to": to}
    event = ask(desk, screen, asked, f"Asked to roll {endpoint} back", no_follow=no_follow)
    begun = _begun(desk, lambda: desk.ledger.claims(ObjectRef("event", event)), "the request")
    finish(screen, follow(desk, screen, begun.id, timeout))


def recover(
    context: typer.Context,
    release_id: Annotated[str, typer.Argument(metavar="RELEASE", help="Id of the release.", show_default=False)],
    no_follow: NoFollow = False,
    timeout: Timeout = FOLLOW_SECONDS,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Take up a release whose execution died, or that needed a human."""
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    before = desk.ledger.release(release_id)
    if is_closed(before) and before.outcome is not Outcome.NEEDS_HUMAN:
        screen.say("It is over; there is nothing to recover.")
        finish(screen, before)
    asked = {"kind": "recover", "release": release_id}
    ask(desk, screen, asked, f"Asked to recover {release_id}", no_follow=no_follow)
    closed_before = before.phases[Phase.CLOSE_RELEASE].ended_at if is_closed(before) else ""
    finish(screen, follow(desk, screen, release_id, timeout, closed_before))


def _begun(desk: Desk, claims: Callable[[], list[Item]], cause: str) -> Release:
    begun = wait_for(desk, lambda: started_by(desk.ledger, claims()), START_SECONDS)
    if begun is None:
        why = f"{cause} became no release within {START_SECONDS} s: the event was lost, or nothing was to be done"
        next_step = "look at the newest execution of the state machine and at the queue of lost events"
        raise CommandError("Nothing was released.", why, next_step, ExitCode.TIMED_OUT)
    return begun


def _check(model: Path, endpoint: str, version: str, spec: Path | None) -> None:
    """Refuse what cannot become a release before anything is uploaded."""
    if model.is_dir():
        next_step = f"tar -czf model.tar.gz -C {model} . && slipway release model.tar.gz …"
        raise CommandError(f"{model} is a folder.", "a release takes one model.tar.gz", next_step, ExitCode.USAGE)
    for path in (model, spec):
        if path and not path.is_file():
            raise CommandError(f"There is no file {path}.", next_step="check the path", code=ExitCode.USAGE)
    if spec:
        _spec_name(spec)
    for finding in (*endpoint_findings(endpoint, "--endpoint"), *version_findings(version, "--version")):
        raise CommandError(f"{finding.where}: {finding.message}", next_step=finding.next_step, code=ExitCode.USAGE)
    if "/" in version:
        raise CommandError(
            f"--version {version!r} has a slash.", "it names a folder", "use another one", ExitCode.USAGE
        )


def _forcing(spec: Path | None, scratch: Path) -> Path:
    """Write a spec that says all that the given one says, and that it goes forward by force."""
    read = parse(spec.read_bytes(), spec.name) if spec else Parsed({})
    if isinstance(read, Finding):
        raise CommandError(f"{spec}: {read.message}", next_step=read.next_step, code=ExitCode.USAGE)
    path = scratch / SPEC_FILES[0]
    path.write_text(json.dumps({**read.values, "force": True}))
    return path


def _spec_name(spec: Path) -> str:
    """Give the name under which a spec file stands beside its model."""
    names = {Path(name).suffix: name for name in SPEC_FILES}
    if spec.suffix not in names:
        why = f"a spec ends in {', '.join(names)}"
        raise CommandError(f"{spec} is no spec.", why, "rename it", ExitCode.USAGE)
    return names[spec.suffix]

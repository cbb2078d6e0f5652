"""smoke record: golden answers of the live release, as cases for the next one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.errors import ReleaseNotFoundError
from slipway.exchanges import Reply
from slipway.release.smoke_spec import SmokeCase
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.files import write
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen

Inputs = Annotated[
    list[Path] | None,
    typer.Option("--input", "-i", help="A file with one request (repeatable); without any, the release's own cases."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Where to write: .json for smoke/ of an archive, .yaml for a spec; else stdout."),
]
ContentType = Annotated[
    str, typer.Option("--content-type", help="What the files are; by default as their suffix says.")
]
Container = Annotated[str, typer.Option("--container", help="The container that the files are for, if direct.")]
Model = Annotated[str, typer.Option("--model", help="The model that the files are for, of a multi-model endpoint.")]
Repeats = Annotated[int, typer.Option("--repeats", min=2, max=20, help="How often each request is asked.")]
Absolute = Annotated[float, typer.Option("--tolerance", min=0, help="How far numbers may be apart.")]
Relative = Annotated[float, typer.Option("--relative-tolerance", min=0, help="The same as a share of the number.")]

KINDS = {".json": "application/json", ".csv": "text/csv", ".txt": "text/plain", ".jsonl": "application/jsonlines"}


def record(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="The endpoint.", show_default=False)],
    inputs: Inputs = None,
    out: Out = None,
    content_type: ContentType = "",
    repeats: Repeats = 3,
    tolerance: Absolute = 1e-6,
    relative_tolerance: Relative = 1e-6,
    container: Container = "",
    model: Model = "",
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Write down what the live release answers, as smoke cases for the next one.

    Each request is asked several times; where the answers differ by more than the tolerance, nothing is written.
    """
    from slipway.judging.golden import golden
    from slipway.judging.json_match import Tolerance

    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    cases = (
        [_aimed(_case_of(path, content_type), container, model) for path in inputs]
        if inputs
        else _own_cases(desk, endpoint)
    )
    _see_it_still(desk, endpoint)
    within = Tolerance(tolerance, relative_tolerance)
    made = [golden(case, [_ask(desk, endpoint, case) for _ in range(repeats)], within) for case in cases]
    if wrong := [each for each in made if each.why_not]:
        why = "; ".join(f"{each.name}: {each.why_not}" for each in wrong)
        step = "leave these requests out, or allow more with --tolerance and --relative-tolerance"
        raise CommandError(f"{len(wrong)} of {len(made)} answers cannot be recorded; nothing is written.", why, step)
    _write(screen, out, [each.case for each in made])
    screen.say(f"{len(made)} cases, each asked {repeats} times", "dim")


def _own_cases(desk: Desk, endpoint: str) -> list[SmokeCase]:
    """Give the cases of the live release: its spec's, or those that its archive brought."""
    from slipway.steps.invoking import cases_of

    live = desk.ledger.live(endpoint)
    if live is None:
        raise CommandError(f"No release is live on {endpoint}.", next_step="slipway status", code=ExitCode.NOT_FOUND)
    try:
        release = desk.ledger.release(live.release)
    except ReleaseNotFoundError:
        release = None
    cases = list(cases_of(release)) if release is not None and release.spec is not None else []
    if not cases:
        step = "name files with requests: --input row.json"
        raise CommandError(f"The live release {live.release} has no smoke cases.", next_step=step, code=ExitCode.USAGE)
    return cases


def _aimed(case: SmokeCase, container: str, model: str) -> SmokeCase:
    """Let a case ask for one of several containers, or models."""
    return replace(case, target_container=container, target_model=model)


def _case_of(path: Path, content_type: str) -> SmokeCase:
    """Make a case of a file with one request."""
    if not path.is_file():
        raise CommandError(f"There is no file {path}.", next_step="check --input", code=ExitCode.USAGE)
    kind = content_type or KINDS.get(path.suffix, "application/json")
    try:
        text = path.read_bytes().decode()
        if kind == "application/json":
            return SmokeCase(name=path.stem, json=json.loads(text))
    except ValueError as error:
        step = "give a text file, and --content-type if it is no JSON"
        raise CommandError(f"{path} cannot be a request.", str(error), step, ExitCode.USAGE) from error
    return SmokeCase(name=path.stem, body=text, content_type=kind)


def _see_it_still(desk: Desk, endpoint: str) -> None:
    """Hold that one fleet alone answers: while traffic moves, nobody can tell which one did."""
    described = desk.hosting.describe_endpoint(endpoint)
    if described is None:
        raise CommandError(f"There is no endpoint {endpoint}.", next_step="slipway status", code=ExitCode.NOT_FOUND)
    if described["EndpointStatus"] != "InService":
        why = f"it is {described['EndpointStatus']}, and nobody can tell which fleet answers"
        raise CommandError(f"{endpoint} does not stand still.", why, f"slipway status {endpoint}")
    live = desk.ledger.live(endpoint)
    if live is not None and live.config != described["EndpointConfigName"]:
        why = f"it serves the config {described['EndpointConfigName']}, not that of the live release {live.release}"
        raise CommandError(f"{endpoint} does not serve its live release.", why, f"slipway status {endpoint}")


def _ask(desk: Desk, endpoint: str, case: SmokeCase) -> Any:
    from slipway.judging.smoke_answers import Answered
    from slipway.steps.invoking import invocation_of

    reply: Reply = desk.hosting.invoke(invocation_of(endpoint, case, "smoke-record"))
    return Answered(reply.status, reply.body, reply.content_type, error=reply.error, message=reply.message)


def _write(screen: Screen, out: Path | None, cases: list[dict[str, Any]]) -> None:
    if out is None:
        screen.show(cases, json.dumps(cases, indent=2, ensure_ascii=False))
        return
    if out.suffix in (".yaml", ".yml"):
        import yaml

        write(out, yaml.safe_dump({"smoke": cases}, sort_keys=False, allow_unicode=True, width=120))
    else:
        write(out, json.dumps(cases, indent=2, ensure_ascii=False) + "\n")
    screen.show(cases, f"written to {out}")

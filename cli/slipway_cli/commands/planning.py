"""plan: what a release would be, before anything is uploaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from slipway.release.verdicts import Finding
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen

Spec = Annotated[Path | None, typer.Option("--spec", help="The release.yaml or .json of the drop.")]
Model = Annotated[Path | None, typer.Option("--model", help="The model.tar.gz; verified here, not uploaded.")]

_CHUNK = 1 << 20
_SHOWN = 60


def plan(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="The endpoint.", show_default=False)],
    spec: Spec = None,
    model: Model = None,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Show the whole spec of a release, from which layer each value comes, and what would be refused.

    Further artifacts that the spec names have to be there. Nothing is uploaded or changed. Exits 3 when the release
    would be rejected.
    """
    for path in (spec, model):
        if path and not path.is_file():
            raise CommandError(f"There is no file {path}.", next_step="check the path", code=ExitCode.USAGE)
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    values, found = _merged(desk, endpoint, spec)
    has_cases = any(each["key"] == "smoke" and each["value"] for each in values)
    verified, wrong = _verified(model, desk, has_cases) if model else ({}, [])
    found += wrong
    findings = [{"code": each.code, "where": each.where, "text": str(each)} for each in found]
    shown = {"endpoint": endpoint, "values": values, "artifact": verified, "findings": findings}
    screen.show(shown, _picture(endpoint, values))
    for name, value in verified.items():
        screen.say(f"{name}: {value}")
    for each in found:
        screen.say(f"{each.code} {each}", "red")
    if found:
        raise typer.Exit(ExitCode.FAILED)


def _merged(desk: Desk, endpoint: str, path: Path | None) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Merge the layers as the first step of a release does; values stay empty while anything is wrong."""
    from slipway.intake.spec_layers import Layer, planned
    from slipway.intake.spec_reading import read_spec
    from slipway.intake.spec_text import parse
    from slipway.release.parts import further
    from slipway.release.spec import ReleaseSpec
    from slipway.steps.layers import beneath
    from slipway.steps.pinning import pinned
    from slipway.steps.policing import in_force

    settings, policy = desk.settings, in_force(desk)
    lower = beneath(desk.artifacts, settings.artifact_bucket, settings.stack_defaults, endpoint)
    text = path.read_bytes() if path else b""
    read = read_spec(text, str(path or "none.yaml"), lower.values, endpoint, settings.region)
    admitted = policy.admit(endpoint, None, desk.clock.now())
    if not isinstance(read, ReleaseSpec):
        return [], [*lower.findings, *admitted, *read]
    parsed = parse(text, str(path or "none.yaml"))
    own = [] if isinstance(parsed, Finding) else [Layer(str(path or "the drop"), parsed.values)]
    before = _live(desk, endpoint)
    values = [
        {"key": each.place, "value": each.value, "from": each.origin, "live": before.get(each.place)}
        for each in planned(read, [*lower.layers, *own])
    ]
    there = pinned(desk, further(read), policy.signature_required, None)
    return values, [*lower.findings, *admitted, *policy.judge(read), *there.findings]


def _live(desk: Desk, endpoint: str) -> dict[str, Any]:
    """Give the values of what the endpoint serves now, by key; none before its first release."""
    from slipway.intake.spec_layers import planned

    live = desk.ledger.live(endpoint)
    spec = desk.ledger.release(live.release).spec if live else None
    return {each.place: each.value for each in planned(spec, [])} if spec else {}


def _verified(path: Path, desk: Desk, has_cases: bool) -> tuple[dict[str, Any], list[Finding]]:
    """Verify a model as the pipeline would; cases of the spec take the place of those in the archive."""
    from slipway.intake.archive import inspect
    from slipway.intake.policy import pickle_findings
    from slipway.intake.policy_rules import Pickles
    from slipway.intake.smoke_files import smoke_cases
    from slipway.steps.policing import in_force

    inspection = inspect(_chunks(path))
    cases, _, wrong = ((), "", list[Finding]()) if has_cases else smoke_cases(inspection.contents)
    policy = in_force(desk).about_pickles
    wrong += pickle_findings(inspection.contents.pickles, policy) if policy.pickles is Pickles.REFUSE else ()
    told = {
        "sha256": inspection.digest,
        "bytes": inspection.size,
        "unpacked": inspection.unpacked,
        "frameworks": list(inspection.contents.frameworks()),
        "pickles": list(inspection.contents.pickles),
        "smoke": [case.name for case in cases],
    }
    return told, [*inspection.findings, *wrong]


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _picture(endpoint: str, values: list[dict[str, Any]]) -> Table | str:
    if not values:
        return f"{endpoint} could not be planned."
    table = Table("key", "value", "from", "live now", title=endpoint, title_justify="left")
    for each in values:
        changed = each["live"] is not None and each["live"] != each["value"]
        table.add_row(each["key"], _short(each["value"]), each["from"], _short(each["live"]) if changed else "")
    return table


def _short(value: Any) -> str:
    text = f"{len(value)} entries" if isinstance(value, list | tuple) else "" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"

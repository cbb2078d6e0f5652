"""Smoke cases that come with the archive: `smoke/*.json`, or else made of an MLflow model's input example."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from slipway.intake.contents import Contents
from slipway.intake.holding import hold
from slipway.intake.mlflow_model import mlflow_model
from slipway.intake.names import readable
from slipway.intake.parsed import Path
from slipway.intake.smoke_rules import smoke_findings
from slipway.intake.spec_errors import finding_of
from slipway.intake.spec_text import kept, parse, twice_findings
from slipway.release.smoke_spec import MLFLOW, SmokeCase
from slipway.release.verdicts import Finding

CASES = 50
"""Cases of one archive, as many as a spec may have."""

_ENOUGH = 50
"""Findings after which no further file is read: a hostile one earns thousands, at some milliseconds each."""

_TOTAL = 128 * 1024
"""Characters of all cases together; the ledger keeps them within one item of 400 KB."""


def smoke_cases(contents: Contents) -> tuple[tuple[SmokeCase, ...], str, list[Finding]]:
    """Read the cases that an archive brings.

    Returns:
        The cases, where they come from (empty if there are none), and everything wrong with them.
    """
    names = sorted(name for name in contents.kept if name.startswith("smoke/"))
    found = [_too_large(name) for name in contents.too_large]
    cases: list[SmokeCase] = []
    for name in names:
        read, wrong = _file(name, contents.kept[name])
        cases += read
        found += wrong
        if len(found) >= _ENOUGH:
            break
    found += together_findings(cases)
    if names or found:
        return tuple(cases), "smoke/*.json of the archive", found
    model = mlflow_model(contents.kept)
    if model is None or not model.request or len(model.request) > _TOTAL:
        return (), "", []
    return (SmokeCase(name="MLflow input example", body=model.request),), MLFLOW, []


def _file(name: str, content: bytes) -> tuple[list[SmokeCase], list[Finding]]:
    """Read one file: a case, or a list of cases; a case without a name is called like its file."""
    parsed = parse(content, name, (dict, list))
    if isinstance(parsed, Finding):
        return [], [_in(name, replace(parsed, message=f"The smoke case cannot be read: {parsed.message}"))]
    faults: dict[Path, str] = {}
    said = kept(parsed.values, faults)
    listed = said if isinstance(said, list) else [said]
    stem = name.removeprefix("smoke/").removesuffix(".json")
    named = [
        {"name": _called(stem, index, listed), **case} if isinstance(case, dict) else case
        for index, case in enumerate(listed)
    ]
    found = [*twice_findings(parsed), *(_unkeepable(fault) for fault in faults.values())]
    found += [*smoke_findings(named, "")]
    cases, wrong = _validated(named)
    return cases, [_in(name, finding) for finding in (*found, *wrong)]


def _validated(named: list[Any]) -> tuple[list[SmokeCase], list[Finding]]:
    cases, found = list[SmokeCase](), list[Finding]()
    for case in named:
        held = hold(SmokeCase, case)
        if isinstance(held, SmokeCase):
            cases.append(held)
        else:
            found += map(_of_case, held)
    return cases, found


def _called(stem: str, index: int, listed: list[Any]) -> str:
    return stem if len(listed) == 1 else f"{stem} {index + 1}"


def _of_case(error: dict[str, Any]) -> Finding:
    """Say an error of one case in the words that a spec's error has."""
    finding = finding_of({**error, "loc": ("smoke", 0, *error["loc"])})
    return replace(finding, where=finding.where.removeprefix("smoke[0]").removeprefix("."))


def _in(name: str, finding: Finding) -> Finding:
    where = finding.where.removeprefix("[0]").removeprefix(".")
    return replace(finding, where=readable(f"{name} {where}".strip(), 200))


def _unkeepable(fault: str) -> Finding:
    return Finding("SPEC_UNKEEPABLE", f"This {fault}.", "Write a plain JSON value.")


def _too_large(name: str) -> Finding:
    what = "The smoke case is larger than 64 KB, or all of them are larger than 1 MB."
    return Finding("SMOKE_FILE_TOO_LARGE", what, "Use smaller requests as smoke cases.", readable(name, 120))


def together_findings(cases: Sequence[SmokeCase]) -> Iterator[Finding]:
    """Hold all smoke cases that a release brings to what the ledger keeps, and their names to be different."""
    names = Counter(case.name for case in cases)
    for name in sorted(name for name, times in names.items() if times > 1)[:_ENOUGH]:
        yield Finding("SPEC_SMOKE_TWICE", f"The name {name[:60]!a} is used twice.", "Rename one.", "smoke/")
    size = sum(len(case.body or "") + len(json.dumps(case.json)) for case in cases)
    if len(cases) > CASES or size > _TOTAL:
        what = f"The archive brings {len(cases)} smoke cases of {size} characters together."
        step = f"Keep to {CASES} cases and {_TOTAL // 1024} KB."
        yield Finding("SMOKE_FILE_TOO_LARGE", what, step, "smoke/")

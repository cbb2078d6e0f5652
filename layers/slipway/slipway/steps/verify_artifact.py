"""Verify the Artifact: stream every artifact once, judge it without unpacking it, freeze the bytes that were judged."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from slipway.intake.archive import Inspection
from slipway.intake.artifact_notes import notes
from slipway.intake.mlflow_model import mlflow_model
from slipway.intake.smoke_files import smoke_cases
from slipway.intake.sources import is_folder
from slipway.intake.target_rules import aimed, brought_findings, unmet, unmet_variants, variant_target_findings
from slipway.release.parts import parts_of, served_as
from slipway.release.release import ObjectRef
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.steps.freezing import Inspected, freeze, reserve
from slipway.steps.soundness import Judged, judge, locked, of_part, vanished
from slipway.steps.work import Work

NOTES = 20
"""Notes on the archives of one folder that are told."""


def verify_artifact(work: Work) -> Verdict:
    """Answer SOUND with digests, frozen copies and what the archive holds, or REFUSED with every finding of each."""
    judged = [judge(work, part) for part in parts_of(work.release)]
    dropped = judged[0]
    cases, source, unreadable = _smoke(work, dropped.read)
    brought = {"smoke": [asdict(case) for case in cases], "smoke_source": source} if source else {}
    wrong = [*_told(judged, [each.findings for each in judged]), *unreadable]
    size = sum(each.inspection.size for each in judged)
    if wrong:
        return refused(*wrong, size=size)
    for each in judged:
        if not reserve(work, each.inspection.digest):
            return refused(_retiring(each.part.ref), size=size)
    frozen = _freeze(work, judged)
    if isinstance(frozen, Finding):
        return refused(frozen, size=size)
    said = [*_told(judged, [_said(work, each) for each in judged]), *_unmet(work, cases, _models(dropped.read))]
    return _sound(judged, frozen, tuple(said), brought)


def _sound(
    judged: Sequence[Judged], frozen: Sequence[str], said: tuple[Finding, ...], brought: dict[str, Any]
) -> Verdict:
    """Write down each artifact: of the dropped one what it is besides, and with it the smoke cases that it brought."""
    own, *others = [
        {"digest": each.inspection.digest, "size": each.inspection.size, "frozen": address, **each.signed.facts}
        for each, address in zip(judged, frozen, strict=True)
    ]
    dropped = judged[0]
    seen = _seen(dropped)
    parts = [{"artifact": each.part.name, **facts} for each, facts in zip(judged[1:], others, strict=True)]
    reason = "; ".join([_reason(dropped.inspection, seen, brought), *map(_short, judged[1:])])
    facts = {**own, **seen, **brought, **({"parts": parts} if parts else {})}
    return Verdict(Answer.SOUND, reason, said, facts)


def _freeze(work: Work, judged: Sequence[Judged]) -> list[str] | Finding:
    """Copy all that was judged; or tell what is not there any more."""
    addresses = list[str]()
    for each in judged:
        try:
            addresses.append(freeze(work.tools, each.read))
        except FileNotFoundError:
            return vanished(each.part.ref)
        except PermissionError as error:
            return locked(each.part.ref, str(error))
    return addresses


def _told(judged: Sequence[Judged], findings: Sequence[Sequence[Finding]]) -> list[Finding]:
    """Gather findings; of several artifacts each says which one it is about."""
    if len(judged) == 1:
        return list(findings[0])
    return [of_part(each.part, finding) for each, found in zip(judged, findings, strict=True) for finding in found]


def _said(work: Work, judged: Judged) -> tuple[Finding, ...]:
    serve = served_as(work.release.wanted, judged.part.name)
    models = judged.read.models
    if models is None:
        return (*notes(judged.inspection.contents, serve), *judged.said)
    told = [(name, each) for name, held in models.contents.items() for each in notes(held, serve)]
    return (*(replace(each, where=f"{name} {each.where}") for name, each in told[:NOTES]), *judged.said)


def _short(judged: Judged) -> str:
    inspection = judged.inspection
    return f"{judged.part.name}: {inspection.size} bytes, sha256 {inspection.digest[:12]}"


def _smoke(work: Work, read: Inspected) -> tuple[tuple[SmokeCase, ...], str, list[Finding]]:
    """Read the smoke cases of the dropped archive, with where they come from, unless the spec brings its own."""
    wanted = work.release.wanted
    names = _models(read)
    if wanted.smoke:
        return (), "", _astray(work, wanted.smoke, names)
    if read.models:
        cases, source, wrong = read.models.cases, "the models", list(read.models.unreadable)
    else:
        found, source, wrong = smoke_cases(read.inspection.contents)
        cases = aimed(found, source, wanted.serve)
    return cases, source if cases else "", [*wrong, *_astray(work, cases, names)]


def _unmet(work: Work, brought: Sequence[SmokeCase], models: Sequence[str]) -> list[Finding]:
    """Tell of whatever would serve and no smoke case asks."""
    spec = work.release.wanted
    cases = spec.smoke or brought
    found = [each for serve in spec.served.values() for each in unmet(cases, serve, models)]
    return [*dict.fromkeys(found), *unmet_variants(cases, [variant.name for variant in spec.variants])]


def _astray(work: Work, cases: Sequence[SmokeCase], models: Sequence[str]) -> list[Finding]:
    """Tell of cases that ask for a variant that there is not, or for what one of them does not have."""
    wanted = work.release.wanted
    names = [variant.name for variant in wanted.variants]
    places = [(case.target_variant, f"smoke {case.name} target_variant") for case in cases]
    found = [found for target, where in places for found in variant_target_findings(target, names, where)]
    for serve in wanted.served.values():
        found += brought_findings(cases, serve, models)
    return list(dict.fromkeys(found))


def _models(read: Inspected) -> list[str]:
    """Name the models of a folder of archives, as requests ask for them; none of any other artifact."""
    return list(read.models.contents) if read.models else []


def _seen(dropped: Judged) -> dict[str, Any]:
    """Tell what the archive is, as far as its layout and its key say; what is not there is left out."""
    contents = dropped.inspection.contents
    model = mlflow_model(contents.kept)
    seen = {
        "frameworks": list(contents.frameworks()),
        "flavors": list(model.flavors) if model else [],
        "pickles": list(contents.pickles),
        "origin": _origin(dropped.part.ref, len(_models(dropped.read))),
    }
    return {name: value for name, value in seen.items() if value}


def _origin(ref: ObjectRef, models: int) -> str:
    if models:
        return f"{models} models that requests ask for by name"
    if ref.key.endswith("/output/model.tar.gz"):
        return "a training job's output"
    return "files that are not packed" if is_folder(ref) else ""


def _reason(inspection: Inspection, seen: dict[str, Any], brought: dict[str, Any]) -> str:
    parts = [f"{inspection.size} bytes", f"sha256 {inspection.digest[:12]}"]
    parts += [f"laid out for {' and '.join(seen['frameworks'])}"] if "frameworks" in seen else []
    parts += [seen["origin"]] if "origin" in seen else []
    parts += [f"{len(brought['smoke'])} smoke cases from {brought['smoke_source']}"] if "smoke" in brought else []
    return ", ".join(parts)


def _retiring(ref: ObjectRef) -> Finding:
    what = "Retention is deleting an older copy of these bytes, and has not come to an end."
    return Finding("ARTIFACT_BEING_RETIRED", what, "Drop it again in ten minutes.", ref.uri)

"""Verify the Artifact: stream it once, judge it without unpacking it, freeze the bytes that were judged."""

from dataclasses import asdict
from typing import Any

from slipway.errors import UnreadableError
from slipway.intake.archive import Inspection
from slipway.intake.artifact_notes import notes
from slipway.intake.mlflow_model import mlflow_model
from slipway.intake.policy import pickle_findings
from slipway.intake.policy_rules import Pickles
from slipway.intake.smoke_files import smoke_cases
from slipway.intake.sources import is_folder
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.steps.freezing import freeze, inspected, reserve
from slipway.steps.kept_policy import about_pickles, signature_required
from slipway.steps.signing import Signed, verify_signature
from slipway.steps.work import Work


def verify_artifact(work: Work) -> Verdict:
    """Answer SOUND with the digest, the frozen copy and what the archive holds, or REFUSED with every finding."""
    ref = work.release.artifact
    if ref is None:
        raise UnreadableError(f"release {work.release.id} names no artifact")
    try:
        return _verify(work, ref)
    except FileNotFoundError:
        return refused(_vanished(ref))
    except PermissionError as error:
        return refused(_locked(ref, str(error)))


def _verify(work: Work, ref: ObjectRef) -> Verdict:
    spec = work.release.wanted
    read = inspected(work.tools, ref)
    inspection = read.inspection
    brought = _smoke(work, inspection)
    policy = about_pickles(work.release, work.tools.settings.policy)
    pickles = tuple(pickle_findings(inspection.contents.pickles, policy))
    wrong = [*inspection.findings, *brought.pop("findings"), *_other_bytes(spec.artifact_sha256, inspection)]
    required = signature_required(work.release)
    signed = verify_signature(work.tools, ref, inspection.digest, required) if not wrong else Signed()
    wrong += signed.findings
    wrong += pickles if policy.pickles is Pickles.REFUSE else ()
    if wrong:
        return refused(*wrong, size=inspection.size)
    if not reserve(work, inspection.digest):
        return refused(_retiring(ref), size=inspection.size)
    facts = {"digest": inspection.digest, "size": inspection.size, "frozen": freeze(work.tools, read)}
    seen = _seen(ref, inspection)
    said = (*notes(inspection.contents, spec.serve), *pickles)
    told = {**facts, **signed.facts, **seen, **brought}
    return Verdict(Answer.SOUND, _reason(inspection, seen, brought), said, told)


def _smoke(work: Work, inspection: Inspection) -> dict[str, Any]:
    """Read the smoke cases of the archive, unless the spec brings its own."""
    if work.release.wanted.smoke:
        return {"findings": []}
    cases, source, wrong = smoke_cases(inspection.contents)
    found = {"smoke": [asdict(case) for case in cases], "smoke_source": source} if cases else {}
    return {"findings": wrong, **found}


def _seen(ref: ObjectRef, inspection: Inspection) -> dict[str, Any]:
    """Tell what the archive is, as far as its layout and its key say; what is not there is left out."""
    contents = inspection.contents
    model = mlflow_model(contents.kept)
    seen = {
        "frameworks": list(contents.frameworks()),
        "flavors": list(model.flavors) if model else [],
        "pickles": list(contents.pickles),
        "origin": _origin(ref),
    }
    return {name: value for name, value in seen.items() if value}


def _origin(ref: ObjectRef) -> str:
    if ref.key.endswith("/output/model.tar.gz"):
        return "a training job's output"
    return "files that are not packed" if is_folder(ref) else ""


def _reason(inspection: Inspection, seen: dict[str, Any], brought: dict[str, Any]) -> str:
    parts = [f"{inspection.size} bytes", f"sha256 {inspection.digest[:12]}"]
    parts += [f"laid out for {' and '.join(seen['frameworks'])}"] if "frameworks" in seen else []
    parts += [seen["origin"]] if "origin" in seen else []
    parts += [f"{len(brought['smoke'])} smoke cases from {brought['smoke_source']}"] if "smoke" in brought else []
    return ", ".join(parts)


def _other_bytes(expected: str | None, inspection: Inspection) -> list[Finding]:
    if expected is None or not inspection.digest or expected.lower() == inspection.digest:
        return []
    what = f"The artifact's SHA-256 is {inspection.digest}, not the one that the spec expects."
    step = "Upload the right artifact, or correct the spec: `sha256sum model.tar.gz` tells it."
    return [Finding("ARTIFACT_OTHER_BYTES", what, step, "artifact_sha256")]


def _vanished(ref: ObjectRef) -> Finding:
    return Finding("ARTIFACT_VANISHED", "The artifact is no longer there.", "Drop it again.", ref.uri)


def _retiring(ref: ObjectRef) -> Finding:
    what = "Retention is deleting an older copy of these bytes, and has not come to an end."
    return Finding("ARTIFACT_BEING_RETIRED", what, "Drop it again in ten minutes.", ref.uri)


def _locked(ref: ObjectRef, said: str) -> Finding:
    what = f"Slipway may see this but not read or copy it ({said[:400]})."
    step = "Let the role that the message names use the bucket and the key that encrypts it (docs/security.md)."
    return Finding("ARTIFACT_FORBIDDEN", what, f"{step} Then drop it again.", ref.uri)

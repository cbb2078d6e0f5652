"""Judges one artifact of a release by itself: its bytes, its signature, and what the policy says of its files."""

from dataclasses import dataclass, field, replace

from slipway.intake.archive import Inspection
from slipway.intake.policy import pickle_findings
from slipway.intake.policy_rules import Pickles
from slipway.release.parts import Part, served_as
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding
from slipway.steps.freezing import UNREAD, Inspected, inspected
from slipway.steps.kept_policy import about_pickles, signature_required
from slipway.steps.signing import Signed, verify_signature
from slipway.steps.work import Work


@dataclass(frozen=True)
class Judged:
    """One artifact, and what was found out about it."""

    part: Part
    read: Inspected
    findings: tuple[Finding, ...] = ()
    """Everything that speaks against it."""
    said: tuple[Finding, ...] = ()
    """What its makers should know of it all the same."""
    signed: Signed = field(default_factory=Signed)

    @property
    def inspection(self) -> Inspection:
        """What one pass over its bytes found."""
        return self.read.inspection


def judge(work: Work, part: Part) -> Judged:
    """Read an artifact once, in the version that the release is held to."""
    try:
        of_archives = served_as(work.release.wanted, part.name).multi_model
        read = inspected(work.tools, part.ref, of_archives=of_archives)
    except FileNotFoundError:
        return Judged(part, Inspected(part.ref, UNREAD), (vanished(part.ref),))
    except PermissionError as error:
        return Judged(part, Inspected(part.ref, UNREAD), (locked(part.ref, str(error)),))
    inspection = read.inspection
    policy = about_pickles(work.release, work.tools.settings.policy)
    pickles = tuple(pickle_findings(inspection.contents.pickles, policy))
    wrong = [*inspection.findings, *_other_bytes(part.sha256, inspection)]
    required = signature_required(work.release)
    signed = verify_signature(work.tools, part.ref, inspection.digest, required) if not wrong else Signed()
    refused = pickles if policy.pickles is Pickles.REFUSE else ()
    if part.name:  # of the dropped one alone more than names is looked at
        read = replace(read, inspection=replace(inspection, contents=inspection.contents.without_bytes()))
    return Judged(part, read, (*wrong, *signed.findings, *refused), () if refused else pickles, signed)


def of_part(part: Part, finding: Finding) -> Finding:
    """Say of which of several artifacts a finding is."""
    name = part.name or part.ref.uri
    return finding if name in finding.where else replace(finding, where=f"{name} {finding.where}".strip())


def vanished(ref: ObjectRef) -> Finding:
    """Tell that an artifact, or this version of it, was deleted since the release began."""
    return Finding("ARTIFACT_VANISHED", "The artifact is no longer there.", "Drop it again.", ref.uri)


def locked(ref: ObjectRef, said: str) -> Finding:
    """Tell that an artifact may be seen but not read."""
    what = f"Slipway may see this but not read or copy it ({said[:400]})."
    step = "Let the role that the message names use the bucket and the key that encrypts it (docs/security.md)."
    return Finding("ARTIFACT_FORBIDDEN", what, f"{step} Then drop it again.", ref.uri)


def _other_bytes(expected: str | None, inspection: Inspection) -> list[Finding]:
    if expected is None or not inspection.digest or expected.lower() == inspection.digest:
        return []
    what = f"The artifact's SHA-256 is {inspection.digest}, not the one that the spec expects."
    step = "Upload the right artifact, or correct the spec: `sha256sum model.tar.gz` tells it."
    return [Finding("ARTIFACT_OTHER_BYTES", what, step, "artifact_sha256")]

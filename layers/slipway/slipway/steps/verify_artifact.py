"""Verify the Artifact: stream it once, judge it without unpacking it, freeze the bytes that were judged."""

from slipway.errors import UnreadableError
from slipway.intake.archive import inspect
from slipway.release.naming import frozen_key
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.steps.work import Work


def verify_artifact(work: Work) -> Verdict:
    """Answer SOUND with the digest and the frozen copy, or REFUSED with every finding."""
    ref = work.release.artifact
    if ref is None:
        raise UnreadableError(f"release {work.release.id} names no artifact")
    try:
        return _verify(work, ref)
    except FileNotFoundError:
        return refused(_vanished(ref))


def _verify(work: Work, ref: ObjectRef) -> Verdict:
    artifacts = work.tools.artifacts
    inspection = inspect(artifacts.stream(ref))
    if not inspection.is_sound:
        return refused(*inspection.findings, size=inspection.size)
    frozen = artifacts.freeze(ref, frozen_key(inspection.digest))
    facts = {"digest": inspection.digest, "size": inspection.size, "frozen": frozen.uri}
    return Verdict(Answer.SOUND, f"{inspection.size} bytes, sha256 {inspection.digest[:12]}", facts=facts)


def _vanished(ref: ObjectRef) -> Finding:
    return Finding("ARTIFACT_VANISHED", "The artifact is no longer there.", "Drop it again.", ref.uri)

"""Looks at what a release shall be made of, wherever it may stand."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from slipway.exchanges import ObjectFacts
from slipway.intake.sources import folder_version, is_folder, source_findings
from slipway.ports import Artifacts
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding
from slipway.settings import Settings
from slipway.steps.work import Work


class Stores(Protocol):
    """What it takes to look at artifacts; `steps.work.Tools` is one."""

    @property
    def settings(self) -> Settings: ...
    @property
    def artifacts(self) -> Artifacts: ...


FILES = 1000
"""Files of a model that is not packed; each is verified, and copied, by itself."""

ABSENT = "ARTIFACT_ABSENT"

MOMENT = timedelta(milliseconds=1)


def look(tools: Stores, ref: ObjectRef) -> tuple[ObjectFacts | None, list[Finding]]:
    """Look at an artifact as it is now.

    Returns:
        What is known of it, of a folder all files together, and what is wrong; None when there is nothing to release.
    """
    settings = tools.settings
    refused = list(source_findings(ref, settings.artifact_bucket, settings.source_buckets))
    if refused:
        return None, refused
    try:
        facts = _folder(tools, ref) if is_folder(ref) else tools.artifacts.head(ref)
    except PermissionError:
        return None, [_forbidden(ref)]
    if facts is None:
        return None, [Finding(ABSENT, "The artifact is not there, or not any more.", "Upload it (again).", ref.uri)]
    return facts, list(_unversioned(facts))


def written_at(tools: Stores, named: ObjectRef, facts: ObjectFacts) -> str:
    """Say when an object was written (ISO 8601), so that of two versions within one second the later one is newer.

    S3 tells LastModified by whole seconds, and an event's sequencer is only a hint: which version is the latest one
    S3 itself knows.

    Args:
        tools: of the step.
        named: the object as it was asked for; without a version its latest one was looked at.
        facts: what S3 says of it.
    """
    latest = tools.artifacts.head(replace(named, version="")) if named.version else None
    is_overwritten = latest is not None and latest.ref.version != facts.ref.version
    return (facts.modified_at - (MOMENT if is_overwritten else timedelta())).isoformat()


def files_of(tools: Stores, folder: ObjectRef) -> list[ObjectFacts]:
    """List the files of a folder by key, one more than are allowed at most; what only marks a folder is none."""
    listed = tools.artifacts.under(folder.bucket, folder.key, FILES + 1)
    return [facts for facts in listed if facts.size or not facts.ref.key.endswith("/")]


def _folder(tools: Stores, folder: ObjectRef) -> ObjectFacts | None:
    files = files_of(tools, folder)
    if not files:
        return None
    version = "" if any(not file.ref.version for file in files) else folder_version([file.ref for file in files])
    ref = ObjectRef(folder.bucket, folder.key, version)
    return ObjectFacts(ref, sum(file.size for file in files), "", max(file.modified_at for file in files))


def _forbidden(ref: ObjectRef) -> Finding:
    what = "Slipway is not let in to read this."
    step = "Let the bucket's policy, and its key's if it has one, allow the roles that read sources (docs/security.md)."
    return Finding("ARTIFACT_FORBIDDEN", what, step, ref.uri)


def _unversioned(facts: ObjectFacts) -> Iterator[Finding]:
    if not facts.ref.version:
        what = "The bucket keeps no versions, so what is verified might not be what is served."
        yield Finding("ARTIFACT_UNVERSIONED", what, "Turn the bucket's versioning on, and upload again.", facts.ref.uri)


def upload_of(work: Work) -> str:
    """Name the upload that an event tells of, where the object itself cannot: its sequencer, else the event's id."""
    event = work.request.event or {}
    detail = event.get("detail")
    thing = detail.get("object") if isinstance(detail, Mapping) else None
    sequencer = thing.get("sequencer") if isinstance(thing, Mapping) else None
    return str(sequencer or event.get("id") or work.request.execution)

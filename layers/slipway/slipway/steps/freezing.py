"""Judges what was dropped, an archive or a folder, and freezes the bytes that were judged."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from slipway.exchanges import ObjectFacts
from slipway.intake.archive import Inspection, inspect
from slipway.intake.folder import File, inspect_folder
from slipway.intake.models_folder import Models, inspect_models
from slipway.intake.sources import folder_version, is_folder
from slipway.ports import Artifacts
from slipway.release.naming import frozen_key, frozen_model_folder
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding
from slipway.steps.sources import FILES, files_of
from slipway.steps.work import Tools, Work

UNREAD = Inspection("", 0, 0, 0, (), ())
"""Of what was not read."""

TRIES, PAUSE_SECONDS = 30, 2.0
"""A minute for retention to be done with bytes that are dropped again; it takes seconds."""


@dataclass(frozen=True)
class Inspected:
    """An artifact, what was found in it, and the objects that it consists of."""

    ref: ObjectRef
    inspection: Inspection
    files: tuple[ObjectFacts, ...] = ()
    """Of a folder its files, in their versions; none of an archive, which is one object."""
    models: Models | None = None
    """Of a folder of archives what is known of each."""


def inspected(tools: Tools, ref: ObjectRef, *, of_archives: bool = False) -> Inspected:
    """Read an artifact once.

    Args:
        tools: the world.
        ref: the artifact.
        of_archives: whether it is a folder of archives.

    Raises:
        FileNotFoundError: it is not there any more.
    """
    if not is_folder(ref):
        return Inspected(ref, inspect(tools.artifacts.stream(ref)))
    files = tuple(files_of(tools, ref))
    if not files:
        raise FileNotFoundError(ref.uri)
    found = list(_of_listing(ref, files))
    if found:
        return Inspected(ref, replace(UNREAD, findings=tuple(found)), files)
    if of_archives:
        models = inspect_models(_files(tools.artifacts, ref, files))
        return Inspected(ref, models.inspection, files, models)
    return Inspected(ref, inspect_folder(_files(tools.artifacts, ref, files))[0], files)


def freeze(tools: Tools, verified: Inspected) -> str:
    """Copy what was verified to where nothing is ever overwritten, and give its address.

    Raises:
        FileNotFoundError: it is not there any more.
    """
    bucket, inspection = tools.settings.artifact_bucket, verified.inspection
    if not verified.files:
        target = ObjectRef(bucket, frozen_key(inspection.digest))
        return tools.artifacts.freeze(verified.ref, target, inspection.size).uri
    folder = ObjectRef(bucket, frozen_model_folder(inspection.digest))
    for file in verified.files:
        name = file.ref.key.removeprefix(verified.ref.key)
        tools.artifacts.freeze(file.ref, replace(folder, key=folder.key + name), file.size)
    return folder.uri


def reserve(work: Work, digest: str) -> bool:
    """Have bytes kept for this release before it trusts what lies there; False while retention deletes them."""
    custody = work.tools.ledger.custody
    custody.use(digest, work.release.id)
    for _ in range(TRIES):
        if not custody.is_retiring(digest):
            return True
        work.tools.clock.sleep(PAUSE_SECONDS)
    return False


def _of_listing(folder: ObjectRef, files: tuple[ObjectFacts, ...]) -> Iterator[Finding]:
    if len(files) > FILES:
        what = f"The folder holds more than {FILES} files."
        yield Finding("FOLDER_TOO_MANY_FILES", what, "Pack them: tar -czf model.tar.gz .", folder.uri)
    elif folder_version([file.ref for file in files]) != folder.version:
        what = "The folder's files were changed since the release began."
        yield Finding("ARTIFACT_CHANGED", what, "Upload the spec again when all files are there.", folder.uri)


def _files(artifacts: Artifacts, folder: ObjectRef, files: tuple[ObjectFacts, ...]) -> Iterator[File]:
    for file in files:
        yield File(file.ref.key.removeprefix(folder.key), file.size, artifacts.stream(file.ref))

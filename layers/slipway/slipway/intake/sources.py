"""Where an artifact may stand: in the artifact bucket by its key, or by its address in a bucket that is only read."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from slipway.intake.names import is_one_line, readable
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding

_SCHEME = "s3://"
_KEY = re.compile(r"models/(?:.+\.tar\.gz|[^/]+/[^/]+/.+/)")
_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^/](?:.*\.tar\.gz|.*/)")
_DIGEST_LENGTH, _DIGEST = 64, re.compile(r"[0-9a-fA-F]{64}")
_ARCHIVE_LIKE, _FOLDER_LIKE = "models/<endpoint>/<version>/model.tar.gz", "models/<endpoint>/<version>/<folder>/"


def located(named: str, bucket: str) -> ObjectRef:
    """Read what a spec names as its artifact.

    Args:
        named: a key in the artifact bucket, or s3://<bucket>/<key>; a folder ends with a slash.
        bucket: the artifact bucket.
    """
    if not named.startswith(_SCHEME):
        return ObjectRef(bucket, named)
    place, _, key = named.removeprefix(_SCHEME).partition("/")
    return ObjectRef(place, key)


def is_folder(ref: ObjectRef) -> bool:
    """Whether an artifact is a folder of files that are not packed (ModelDataSource, CompressionType None)."""
    return ref.key.endswith("/")


def named_findings(named: str, where: str = "artifact") -> Iterator[Finding]:
    """Tell why this cannot be an artifact, whatever stands there.

    Args:
        named: as the spec names it.
        where: the place in the spec.
    """
    what, step = "This is not where artifacts stand.", f"Name a key like {_ARCHIVE_LIKE} or {_FOLDER_LIKE}."
    if named.endswith("output.tar.gz"):
        what, step = "This is a training job's other output.", "Name the model.tar.gz beside it."
    elif is_one_line(named) and (_ADDRESS if "://" in named else _KEY).fullmatch(named):
        return
    yield Finding("SPEC_ARTIFACT_INVALID", what, step, where)


def own_findings(said: Mapping[str, Any], where: str, who: str) -> Iterator[Finding]:
    """Hold what a part of a spec says of an artifact of its own; one that names none serves what was dropped.

    Args:
        said: the part, of any type within.
        where: its place in the spec.
        who: what it is.
    """
    named, digest = said.get("artifact"), said.get("artifact_sha256")
    if isinstance(named, str):
        yield from named_findings(named, f"{where}.artifact")
    if named is None and digest is not None:
        what = f"This {who} serves what was dropped."
        yield Finding("SPEC_DIGEST_OF_DROP", what, "Say it at the top: artifact_sha256.", f"{where}.artifact_sha256")
    yield from digest_findings(digest, f"{where}.artifact_sha256")


def digest_findings(digest: object, where: str) -> Iterator[Finding]:
    """Tell why this is no SHA-256; of another type or length the record says it."""
    if isinstance(digest, str) and len(digest) == _DIGEST_LENGTH and not _DIGEST.fullmatch(digest):
        step = "Write the 64 digits that `sha256sum` prints."
        yield Finding("SPEC_DIGEST_INVALID", "These are no hexadecimal digits.", step, where)


def source_findings(ref: ObjectRef, bucket: str, sources: Collection[str]) -> Iterator[Finding]:
    """Tell why nothing may be fetched from there.

    Args:
        ref: the artifact.
        bucket: the artifact bucket.
        sources: other buckets that artifacts may stand in.
    """
    if ref.bucket == bucket and not ref.key.startswith("models/"):
        what = "What Slipway itself wrote is no artifact; in this bucket they stand under models/."
        yield Finding("POLICY_SOURCE", what, "Name what was uploaded.", readable(ref.uri, 200))
    elif ref.bucket not in (bucket, *sources):
        what = f"Artifacts of the bucket {readable(ref.bucket, 80)} are not allowed here."
        step = "Upload it to the artifact bucket, or have the rule changed: it is the stack's parameter SourceBuckets."
        yield Finding("POLICY_SOURCE", what, step, readable(ref.uri, 200))


def folder_version(files: Sequence[ObjectRef]) -> str:
    """Name the state of a folder: the same files in the same versions have the same name."""
    listed = "".join(f"{file.key}@{file.version}\n" for file in sorted(files, key=lambda file: file.key))
    return f"folder-{hashlib.sha256(listed.encode()).hexdigest()[:20]}"

"""One streaming pass over an uploaded artifact: safe to unpack, laid out as SageMaker expects, and its digest."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from slipway.intake.archive_refusal import ArchiveRefusedError
from slipway.intake.byte_stream import ByteStream
from slipway.intake.contents import CODE_FILE, REQUIREMENTS, Contents
from slipway.intake.gunzip import gunzip
from slipway.intake.layout import code_findings
from slipway.intake.requirements_text import requirement_findings
from slipway.intake.tar_walk import TarWalk, Walked
from slipway.release.verdicts import Finding


@dataclass(frozen=True)
class Limits:
    """What is too much."""

    packed_bytes: int = 20 * 1024**3
    """Of the object itself, or of all files of a folder: what is read within the function's 15 minutes at 25 MB/s."""
    unpacked_bytes: int = 30 * 1024**3
    """Of all files together; the volume of an instance holds as much by default."""
    members: int = 10_000
    """Files, folders and extended headers."""
    ratio: int = 200
    """Unpacked bytes for each packed one, beyond the first 64 MB."""


@dataclass(frozen=True)
class Inspection:
    """What one pass found."""

    digest: str
    """SHA-256 of the object in hexadecimal digits; empty unless the whole of it was read."""
    size: int
    """Bytes of the object that were read."""
    members: int
    unpacked: int
    """Bytes of all files together."""
    top: tuple[str, ...]
    """Names at the root, sorted, at most twenty."""
    findings: tuple[Finding, ...]
    """Everything wrong; empty for a sound artifact."""
    contents: Contents = field(default_factory=Contents)
    """What was kept and seen of the files."""

    @property
    def is_sound(self) -> bool:
        """Whether it may be frozen and served: nothing was found and every byte was seen."""
        return not self.findings and bool(self.digest)


class _Meter:
    """Counts and hashes what passes."""

    def __init__(self, chunks: Iterable[bytes], limit: int) -> None:
        self._chunks = chunks
        self._limit = limit
        self.size = 0
        self.sha256 = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                what = f"The object is larger than {self._limit} bytes."
                raise ArchiveRefusedError("ARCHIVE_TOO_LARGE", what, "Leave out what serving does not need.")
            self.sha256.update(chunk)
            yield chunk


def inspect(chunks: Iterable[bytes], limits: Limits | None = None) -> Inspection:
    """Judge an artifact in one pass, in constant memory, without extracting anything of it.

    Args:
        chunks: the object's bytes, in order, in chunks of any size (a megabyte is quick).
        limits: what is too much.
    """
    held = limits or Limits()
    meter = _Meter(chunks, held.packed_bytes)
    walk = TarWalk(ByteStream(gunzip(meter, held.ratio)), held.members, held.unpacked_bytes)
    try:
        walked = walk.run()
    except ArchiveRefusedError as refusal:
        found = (refusal.finding, *walk.walked.findings)
        return _inspection(walk.walked, "", meter.size, found)
    found = (*walked.findings, *walked.layout.findings(), *of_code(walked.contents))
    return _inspection(walked, meter.sha256.hexdigest(), meter.size, found)


def _inspection(walked: Walked, digest: str, size: int, found: tuple[Finding, ...]) -> Inspection:
    top = tuple(sorted(walked.layout.tops))
    return Inspection(digest, size, walked.members, walked.unpacked, top, found, walked.contents)


def of_code(contents: Contents) -> Iterator[Finding]:
    """Tell what is wrong with the code and the requirements that a model brings."""
    if CODE_FILE in contents.kept:
        yield from code_findings(contents.kept[CODE_FILE])
    if REQUIREMENTS in contents.kept:
        yield from requirement_findings(contents.kept[REQUIREMENTS], REQUIREMENTS)

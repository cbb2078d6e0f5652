"""Unpacks model.tar.gz without trusting it: a member is approved before anything of it is written."""

import contextlib
import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CHUNK = 1 << 20
HEADER_ROOM = 128 << 10
"""Bytes that the headers before one member may take; more are there to exhaust memory or the stack."""

_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError)


class UnsafeArchiveError(Exception):
    """The archive is damaged or holds what a model archive must not hold; the text says what."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may unpack to."""

    members: int = 20_000
    bytes: int = 8 << 30


@dataclass
class _Approval:
    """Judges members one after the other, and remembers what it let in."""

    limits: Limits
    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    members: int = 0
    bytes: int = 0

    def approve(self, member: tarfile.TarInfo) -> tuple[str, ...]:
        """Give the parts of the member's path below the folder.

        Raises:
            UnsafeArchiveError: the member may not be unpacked.
        """
        parts = _parts(member.name)
        self._count(member)
        if member.isdir():
            self._claim_folders(parts, member.name)
        elif member.type in _REGULAR and parts and not member.issparse():
            self._claim_file(parts, member.name)
        else:
            raise UnsafeArchiveError(f"{member.name!r} is neither a regular file nor a directory")
        return parts

    def _count(self, member: tarfile.TarInfo) -> None:
        self.members += 1
        self.bytes += member.size
        if self.members > self.limits.members:
            raise UnsafeArchiveError(f"it has more than {self.limits.members} members")
        if member.size < 0 or self.bytes > self.limits.bytes:
            raise UnsafeArchiveError(f"it unpacks to more than {self.limits.bytes} bytes")

    def _claim_folders(self, parts: tuple[str, ...], name: str) -> None:
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            if path in self.files:
                raise UnsafeArchiveError(f"{name!r} makes a directory of a file")
            self.folders.add(path)

    def _claim_file(self, parts: tuple[str, ...], name: str) -> None:
        self._claim_folders(parts[:-1], name)
        path = "/".join(parts)
        if path in self.files or path in self.folders:
            raise UnsafeArchiveError(f"{name!r} is there twice")
        self.files.add(path)


def _parts(name: str) -> tuple[str, ...]:
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or ".." in parts or "\0" in name or "\\" in name:
        raise UnsafeArchiveError(f"{name!r} leads out of the model's folder")
    if any(len(os.fsencode(part)) > 255 for part in parts) or len(parts) > 64:
        raise UnsafeArchiveError(f"{name[:80]!r} is too long a path")
    return parts


class _Allowance:
    """A reader that stops where the archive would make tarfile hold more than was allowed."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source
        self.left = HEADER_ROOM

    def read(self, size: int) -> bytes:
        if self.left <= 0:
            raise UnsafeArchiveError("its headers are larger than any real ones")
        data = self._source.read(size)
        self.left -= len(data)
        return data


def unpack(archive: Path, folder: Path, limits: Limits | None = None) -> None:
    """Unpack a gzip-compressed tar archive into a new folder, read-only like /opt/ml/model.

    Args:
        archive: the file.
        folder: where to; must not exist yet, its parent must. Nothing of it remains when the archive is refused.
        limits: how much it may hold.

    Raises:
        UnsafeArchiveError: it is no whole tar.gz archive, or holds links, devices, paths that lead out, duplicates or
            more than the limits allow.
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700)
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(remove_tree, folder)
        try:
            with gzip.open(archive) as source:
                _unpack_stream(source, folder, _Approval(limits or Limits()))
        except _UNREADABLE as error:
            raise UnsafeArchiveError(str(error) or "it ends too early") from error
        on_failure.pop_all()


def _unpack_stream(source: gzip.GzipFile, folder: Path, approval: _Approval) -> None:
    reader = _Allowance(source)
    with tarfile.open(fileobj=reader, mode="r|", bufsize=tarfile.RECORDSIZE) as tar:  # type: ignore[call-overload]
        for member in _members(tar, reader):
            target = folder.joinpath(*approval.approve(member))
            parent = target if member.isdir() else target.parent
            parent.mkdir(parents=True, exist_ok=True)
            if not member.isdir():
                _write(tar, member, target, reader)
        _read_to_the_end(tar, reader)
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o555)


def _read_to_the_end(tar: tarfile.TarFile, reader: _Allowance) -> None:
    # tarfile takes a damaged header for the end; and only who reads up to it has gzip's checksum verified
    reader.left = HEADER_ROOM
    while rest := tar.fileobj.read(tarfile.RECORDSIZE):
        if rest.strip(b"\0"):
            raise UnsafeArchiveError("a damaged header, or data after its end")


def _members(tar: tarfile.TarFile, reader: _Allowance) -> Iterator[tarfile.TarInfo]:
    while True:
        reader.left = HEADER_ROOM
        member = tar.next()
        if member is None:
            return
        yield member
        tar.members.clear()  # type: ignore[attr-defined]  # a stream is not read twice: forget what was seen


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, reader: _Allowance) -> None:
    content = tar.extractfile(member)
    if content is None:
        raise UnsafeArchiveError(f"{member.name!r} has no content")
    with os.fdopen(os.open(target, _CREATE, 0o444), "wb") as file:
        left = member.size
        while left:
            reader.left = HEADER_ROOM + CHUNK
            data = content.read(min(CHUNK, left))
            if not data:
                raise UnsafeArchiveError(f"{member.name!r} ends too early")
            file.write(data)
            left -= len(data)


def remove_tree(folder: Path) -> None:
    """Remove a folder with everything in it, read-only directories too; it may be gone already."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)

"""One pass over a model that is not packed: the files of a folder, judged like the members of an archive."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from slipway.intake.archive import Inspection, Limits, of_code
from slipway.intake.contents import HEAD, Contents
from slipway.intake.layout import Layout
from slipway.intake.names import readable
from slipway.intake.tar_names import Names, clean
from slipway.release.verdicts import Finding

_FINDINGS = 20


@dataclass(frozen=True)
class File:
    """One file of a folder."""

    name: str
    """Its key without the folder's."""
    size: int
    chunks: Iterable[bytes]
    """Its bytes, in order; not fetched before they are read."""


class FolderWalk:
    """One pass over one folder."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._names, self._layout, self._contents = Names(), Layout(), Contents()
        self._findings: list[Finding] = []
        self._size = 0
        self.digests: dict[str, str] = {}
        """SHA-256 of each file by its name."""

    def add(self, file: File) -> None:
        """Judge a file and, if nothing was found before, read it."""
        name, odd = file.name, odd_name(file, self._names)
        if odd is not None:
            self._note(odd)
            return
        self._layout.add(name, is_folder=False)
        self._size += file.size
        if self._size > self._limits.packed_bytes:
            what = f"The files have more than {self._limits.packed_bytes} bytes together."
            self._note(Finding("FOLDER_TOO_LARGE", what, "Leave out what serving does not need."))
        elif not self._findings:
            self._read(name, file)

    def inspection(self) -> Inspection:
        """Tell what was found."""
        layout = map(_unpacked, self._layout.findings())
        found = (*self._findings, *layout, *of_code(self._contents), *_only_an_archive(self.digests))
        digest = "" if self._findings else digest_of(self.digests)
        top = tuple(sorted(self._layout.tops))
        return Inspection(digest, self._size, len(self._names), self._size, top, found, self._contents)

    def _read(self, name: str, file: File) -> None:
        sha256, is_kept = hashlib.sha256(), self._contents.room_for(name, file.size)
        kept = b""
        for chunk in file.chunks:
            sha256.update(chunk)
            if is_kept or len(kept) < HEAD:
                kept += chunk if is_kept else chunk[:HEAD]
        self.digests[name] = sha256.hexdigest()
        self._contents.add(name, kept[:HEAD])
        if is_kept:
            self._contents.kept[name] = kept

    def _note(self, finding: Finding) -> None:
        if len(self._findings) < _FINDINGS:
            self._findings.append(finding)


def odd_name(file: File, names: Names) -> Finding | None:
    """Tell why a file cannot stand beside those whose names were added before; None if it can, and is added."""
    name, fault = clean(file.name.encode())
    fault = fault or ("" if name == file.name else "its name has empty or dotted parts")
    fault = fault or names.add(name, is_folder=False)
    if not fault:
        return None
    what = f"A file cannot be served safely: {fault}."
    return Finding("FOLDER_FILE_NAME", what, "Give it a plain name.", readable(file.name, 120))


def digest_of(digests: Mapping[str, str]) -> str:
    """Give the digest of a folder: that of the list which `sha256sum` prints of its files, sorted by name."""
    listed = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(listed.encode()).hexdigest()


def inspect_folder(files: Iterator[File], limits: Limits | None = None) -> tuple[Inspection, dict[str, str]]:
    """Judge the files of a folder in one pass, in constant memory.

    Args:
        files: the files, by name.
        limits: what is too much.

    Returns:
        What was found, and the SHA-256 of each file by its name.
    """
    walk = FolderWalk(limits or Limits())
    for file in files:
        walk.add(file)
    return walk.inspection(), walk.digests


def _unpacked(finding: Finding) -> Finding:
    """Say of a folder what is said of an archive."""
    message = finding.message.replace("The archive", "The folder")
    return replace(finding, message=message, next_step="Name the folder that holds the model's files at its root.")


def _only_an_archive(names: Collection[str]) -> Iterator[Finding]:
    if len(names) == 1 and next(iter(names)).endswith((".tar.gz", ".tgz", ".zip")):
        what = "The folder holds nothing but an archive, which SageMaker would not unpack."
        yield Finding("FOLDER_OF_AN_ARCHIVE", what, "Name the archive itself, or upload its files.", next(iter(names)))

"""A walk over the headers of a tar stream: nothing is extracted, only what is needed is kept."""

from dataclasses import dataclass, field

from slipway.intake.archive_refusal import PACK, ArchiveRefusedError, cut_off
from slipway.intake.byte_stream import ByteStream
from slipway.intake.contents import HEAD, Contents
from slipway.intake.layout import Layout
from slipway.intake.names import readable
from slipway.intake.tar_header import (
    BLOCK,
    EXTENSIONS,
    FILES,
    FOLDER,
    Extension,
    Header,
    is_header,
    read_extension,
    read_header,
    sparse,
)
from slipway.intake.tar_names import Names, clean
from slipway.release.verdicts import Finding

_EXTENSION_LIMIT = 64 * 1024
_PADDING_LIMIT = 1 << 20
_FINDINGS = 20
_NOTHING, _ZEROS = Extension(), bytes(BLOCK)
_KINDS = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a named pipe"}
_WITHOUT_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")


@dataclass
class Walked:
    """What the walk saw."""

    members: int = 0
    unpacked: int = 0
    """Bytes of all files together, as their headers declare them."""
    contents: Contents = field(default_factory=Contents)
    layout: Layout = field(default_factory=Layout)
    findings: list[Finding] = field(default_factory=list)


class TarWalk:
    """One pass over one archive."""

    def __init__(self, stream: ByteStream, members_limit: int, unpacked_limit: int) -> None:
        self._stream = stream
        self._members_limit, self._unpacked_limit = members_limit, unpacked_limit
        self._names = Names()
        self.walked = Walked()

    def run(self) -> Walked:
        """Walk to the end.

        Raises:
            ArchiveRefusedError: nothing behind this place can be trusted.
        """
        known = _NOTHING
        while header := self._next_header():
            if header.kind in EXTENSIONS:
                content = self._extension(header)
                known = read_extension(header.kind, content, self._stream.at, known)
            else:
                self._member(header, known)
                known = _NOTHING
        if known != _NOTHING:
            raise cut_off(self._stream.at)
        self._end()
        return self.walked

    def _next_header(self) -> Header | None:
        at = self._stream.at
        block = self._stream.read(BLOCK)
        if len(block) < BLOCK:
            raise cut_off(at) if at else _not_tar(block)
        if block == _ZEROS:
            return None
        if at == 0 and not is_header(block):
            raise _not_tar(block)
        return read_header(block, at)

    def _extension(self, header: Header) -> bytes:
        self._count(0)
        if header.size > _EXTENSION_LIMIT:
            what = f"An extended header declares {header.size} bytes for a name."
            raise ArchiveRefusedError("ARCHIVE_BOMB", what, "Drop a real model.")
        content = self._stream.read(header.size)
        self._stream.skip(-header.size % BLOCK)
        if len(content) < header.size:
            raise cut_off(self._stream.at)
        return content

    def _member(self, header: Header, known: Extension) -> None:
        size = header.size if known.size is None else known.size
        self._count(size)
        if header.kind == b"S":
            raise sparse(self._stream.at)
        raw = header.name if known.name is None else known.name
        is_folder = header.kind == FOLDER or (header.kind == FILES[1] and raw.endswith(b"/"))
        name, fault = clean(raw)
        if fault or not name:
            self._note("ARCHIVE_MEMBER_NAME", fault or ("" if is_folder else "it has no name"), raw)
        elif twice := self._names.add(name, is_folder):
            self._note("ARCHIVE_MEMBER_TWICE", twice, raw)
        self.walked.layout.add("" if fault else name, is_folder)
        self._judge_kind(header, is_folder, size, raw)
        is_file = bool(name) and not fault and not is_folder
        self._content(name if is_file else "", 0 if header.kind in _WITHOUT_CONTENT else size)

    def _judge_kind(self, header: Header, is_folder: bool, size: int, raw: bytes) -> None:
        if is_folder and size:
            self._note("ARCHIVE_SPECIAL_FILE", "it is a folder with content", raw)
        elif not is_folder and header.kind not in FILES:
            kind = _KINDS.get(header.kind, "neither a file nor a folder")
            self._note("ARCHIVE_SPECIAL_FILE", f"it is {kind}", raw)
        elif not is_folder and raw.endswith(b"/"):
            self._note("ARCHIVE_SPECIAL_FILE", "it is a file with the name of a folder", raw)
        elif not is_folder and header.is_set_id:
            self._note("ARCHIVE_SPECIAL_FILE", "it would run with somebody else's rights", raw)

    def _content(self, name: str, size: int) -> None:
        """Pass over what a member holds: of a file its head is seen, and a few small ones are kept."""
        contents = self.walked.contents
        is_kept = bool(name) and contents.room_for(name, size)
        begun = self._stream.read(size if is_kept else min(size, HEAD))
        if is_kept and len(begun) < size:
            raise cut_off(self._stream.at)
        self._stream.skip(size - len(begun) + -size % BLOCK)
        if name:
            contents.add(name, begun[:HEAD])
        if is_kept:
            contents.kept[name] = begun

    def _count(self, size: int) -> None:
        self.walked.members += 1
        self.walked.unpacked += size
        if max(self.walked.members, len(self._names)) > self._members_limit:
            what = f"The archive has more than {self._members_limit} members."
            raise ArchiveRefusedError("ARCHIVE_TOO_MANY_MEMBERS", what, "Leave out what serving does not need.")
        if self.walked.unpacked > self._unpacked_limit:
            what = f"The archive declares {self.walked.unpacked} bytes, more than {self._unpacked_limit}."
            raise ArchiveRefusedError("ARCHIVE_TOO_LARGE", what, "Leave out what serving does not need.")

    def _note(self, code: str, fault: str, raw: bytes) -> None:
        if not fault:
            return
        where = readable(raw.decode("utf-8", errors="replace"), 120)
        step = "Leave it out, or pack plain files under plain names (tar -h follows links)."
        self.walked.findings.append(Finding(code, f"A member cannot be unpacked safely: {fault}.", step, where))
        if len(self.walked.findings) >= _FINDINGS:
            raise ArchiveRefusedError("ARCHIVE_HOSTILE", "The archive holds more than can be listed.", PACK)

    def _end(self) -> None:
        """Hold what follows the last member to nothing but a little padding."""
        padding = 0
        for piece in self._stream.rest():
            padding += len(piece)
            if piece.count(0) != len(piece) or padding > _PADDING_LIMIT:
                what = "Something follows the end of the archive, which some programs would unpack."
                raise ArchiveRefusedError("ARCHIVE_TRAILING_DATA", what)


def _not_tar(block: bytes) -> ArchiveRefusedError:
    kind = "packed twice" if block.startswith(b"\x1f\x8b") else "gzip-packed, but holds no tar archive"
    step = "Pack it as a tar archive: tar -czf model.tar.gz <the model's files>"
    return ArchiveRefusedError("ARCHIVE_NOT_TAR", f"The object is {kind}.", step)

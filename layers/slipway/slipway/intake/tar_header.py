"""One tar header of 512 bytes, and the extended headers that speak for the next one; formats: POSIX pax and GNU tar."""

import re
import zlib
from typing import NamedTuple

from slipway.intake.archive_refusal import ArchiveRefusedError

BLOCK = 512
FILES = (b"0", b"\0")
FOLDER = b"5"
PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK = b"x", b"g", b"L", b"K"
EXTENSIONS = (PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK)

_OCTAL_LIMIT = 8**11
"""What eleven octal digits cannot write; only from here on GNU tar writes a size in base 256."""

_OCTAL = re.compile(rb"[0-7]*")
_RECORD = re.compile(rb"([0-9]{1,6}) ")


class Header(NamedTuple):
    """What a header says of its member."""

    name: bytes
    size: int
    kind: bytes
    """The type flag."""
    is_set_id: bool
    """Whether it would run with somebody else's rights."""


class Extension(NamedTuple):
    """What extended headers say of the next member."""

    name: bytes | None = None
    size: int | None = None


def read_header(block: bytes, at: int) -> Header:
    """Read a header.

    Args:
        block: its 512 bytes.
        at: where it stands in the unpacked stream, for the finding.

    Raises:
        ArchiveRefusedError: the checksum or a number is wrong, or programs would not agree on what it says.
    """
    if not is_header(block):
        raise _malformed(at, "its checksum is wrong")
    name, prefix = _text(block[:100]), _text(block[345:500]) if block[345] else b""
    if block[257:263] == b"ustar\0":
        name = prefix + b"/" + name if prefix else name
    elif prefix:
        raise _malformed(at, "a name stands where its format has none")
    mode = _number(block[100:108], at)
    return Header(name, _number(block[124:136], at), block[156:157], bool(mode & 0o6000))


def is_header(block: bytes) -> bool:
    """Whether a block carries the checksum of a tar header."""
    digits = _text(block[148:156]).strip(b" ")
    if not digits or not _OCTAL.fullmatch(digits):
        return False
    own = sum(block[148:156])
    claimed, unsigned = int(digits, 8), _sum(block[:256]) + _sum(block[256:]) - own + 8 * ord(" ")
    return claimed == unsigned or claimed == _signed(unsigned, block)


def read_extension(kind: bytes, content: bytes, at: int, known: Extension) -> Extension:
    """Add to what is known of the next member what one more extended header says.

    Raises:
        ArchiveRefusedError: it is malformed, describes a sparse file, or contradicts another one.
    """
    name, size = known.name, known.size
    if kind == LONG_NAME:
        said: dict[bytes, bytes] = {b"path": _text(content)}
    else:
        said = _pax_records(content, at) if kind in (PAX, PAX_GLOBAL) else {}
    if any(key.startswith(b"GNU.sparse") for key in said):
        raise sparse(at)
    if kind == PAX_GLOBAL and (b"path" in said or b"size" in said):
        raise _malformed(at, "it names or sizes every member at once")
    if b"path" in said:
        if name is not None:
            raise _malformed(at, "the next member is named twice")
        name = said[b"path"]
    if b"size" in said:
        if size is not None or not re.fullmatch(rb"[0-9]{1,18}", said[b"size"]):
            raise _malformed(at, "its size is no number")
        size = int(said[b"size"])
    return Extension(name, size)


def sparse(at: int) -> ArchiveRefusedError:
    """Refuse a file with holes: programs differ in how they read it, and its size says nothing."""
    what = f"The archive holds a sparse file (byte {at}), which programs unpack differently."
    return ArchiveRefusedError("ARCHIVE_SPARSE", what, "Pack it again without --sparse.")


def _pax_records(content: bytes, at: int) -> dict[bytes, bytes]:
    said: dict[bytes, bytes] = {}
    start = 0
    while start < len(content):
        found = _RECORD.match(content, start)
        end = start + int(found[1]) if found else 0
        key, equals, value = content[found.end() if found else 0 : end - 1].partition(b"=")
        if not found or end <= found.end() or content[end - 1 : end] != b"\n" or not equals or key in said:
            raise _malformed(at, "its extended header cannot be read")
        said[key] = value
        start = end
    return said


def _sum(part: bytes) -> int:
    """Add up at most 256 bytes: that is the lower half of Adler-32, less one, while it is below 65521 (RFC 1950)."""
    return (zlib.adler32(part) & 0xFFFF) - 1


def _signed(unsigned: int, block: bytes) -> int:
    """Turn a checksum into the one of programs that added signed bytes."""
    return unsigned - 256 * sum(byte > 127 for byte in block[:148] + block[156:])


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _number(field: bytes, at: int) -> int:
    """Read a numeric field: octal digits, or base 256 for what they cannot write."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big", signed=True) if field[0] == 0xFF else int.from_bytes(field[1:], "big")
        if field[0] not in (0x80, 0xFF) or value < _OCTAL_LIMIT:
            raise _malformed(at, "a number is negative or written in an unusual way")
        return value
    digits = field[:-1]
    if not _OCTAL.fullmatch(digits) or field[-1] not in b" \0":
        digits = _text(field).strip(b" ")
    if not _OCTAL.fullmatch(digits):
        raise _malformed(at, "a number is no number")
    return int(digits or b"0", 8)


def _malformed(at: int, why: str) -> ArchiveRefusedError:
    what = f"The tar header at byte {at} of the unpacked stream cannot be trusted: {why}."
    return ArchiveRefusedError("ARCHIVE_HEADER", what)

"""A gzip stream inflated piece by piece, in constant memory, refused as soon as it is a bomb."""

import zlib
from collections.abc import Iterable, Iterator

from slipway.intake.archive_refusal import PACK, ArchiveRefusedError

PIECE = 1 << 20
"""Bytes inflated at once."""

_BITE = 1 << 18
_GZIP_WINDOW = 31
_RATIO_GRACE = 64 << 20
_SNIFFED = 512

_OTHER_KINDS = {
    b"PK\x03\x04": "a zip archive",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ\x00": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"\x80\x04\x95": "a bare pickle",
    b"\x89HDF": "a bare HDF5 file",
}


def gunzip(chunks: Iterable[bytes], ratio_limit: int) -> Iterator[bytes]:
    """Inflate one gzip member that fills the whole stream.

    Args:
        chunks: the stream, in chunks of any size.
        ratio_limit: inflated bytes for each packed byte, beyond the first 64 MB, above which it is a bomb.

    Raises:
        ArchiveRefusedError: it is empty, not gzip, corrupt, cut off, a bomb, or something follows the member.
    """
    inflate = zlib.decompressobj(wbits=_GZIP_WINDOW)
    taken = given = 0
    for bite in _bites(_sniffed(chunks)):
        if inflate.eof:
            raise _trailing(taken)
        taken += len(bite)
        for piece in _inflated(inflate, bite, taken):
            given += len(piece)
            if given > _RATIO_GRACE and given > taken * ratio_limit:
                what = f"{taken} packed bytes unpack to more than {given}, which no model does."
                raise ArchiveRefusedError("ARCHIVE_BOMB", what, "Drop a real model.")
            yield piece
    if not inflate.eof:
        raise ArchiveRefusedError("ARCHIVE_TRUNCATED", f"The file is cut off after {taken} bytes.", "Upload it again.")


def _inflated(inflate: "zlib._Decompress", bite: bytes, taken: int) -> Iterator[bytes]:
    rest, piece = bite, b""
    while rest or len(piece) == PIECE:
        try:
            piece = inflate.decompress(rest, PIECE)
        except zlib.error as error:
            what = f"The gzip data is corrupt before byte {taken} ({error})."
            raise ArchiveRefusedError(
                "ARCHIVE_CORRUPT", what, "Upload it again; compare sha256sum here and there."
            ) from error
        rest = inflate.unconsumed_tail
        if piece:
            yield piece
        if inflate.eof:
            break
    if inflate.unused_data:
        raise _trailing(taken - len(inflate.unused_data))


def _sniffed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Look at the first bytes before anything inflates them."""
    head, stream = b"", iter(chunks)
    for chunk in stream:
        head += chunk
        if len(head) >= _SNIFFED:
            break
    if not head:
        raise ArchiveRefusedError(
            "ARCHIVE_EMPTY", "The artifact is empty: it holds no bytes.", "Upload the archive again."
        )
    if not b"\x1f\x8b".startswith(head[:2]):
        raise ArchiveRefusedError("ARCHIVE_NOT_GZIP", f"The object is {_kind(head)}, not a gzip-packed tar archive.")
    yield head
    yield from stream


def _kind(head: bytes) -> str:
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "a tar archive that is not packed"
    return "text" if head.isascii() and b"\0" not in head else "something else"


def _bites(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut large chunks, since the unread rest of each is copied once per piece."""
    for chunk in chunks:
        for start in range(0, len(chunk), _BITE):
            yield chunk[start : start + _BITE]


def _trailing(offset: int) -> ArchiveRefusedError:
    what = f"The gzip data ends at byte {offset}, but more follows, which different programs read differently."
    return ArchiveRefusedError("ARCHIVE_TRAILING_DATA", what, PACK)

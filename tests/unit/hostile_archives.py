"""Archives as people, tools and attackers make them; each by the fewest bytes that make it so."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable

PLAIN = {"model.joblib": b"weights", "code/inference.py": b"def model_fn(model_dir):\n    return 1\n"}


_EMPTY_HEADER = b"".join(
    [bytes(100), b"0000644\0", b"0000000\0" * 2, bytes(12), b"00000000000\0", b" " * 8, bytes(101), b"ustar\x0000"]
).ljust(512, b"\0")
_PLACES = {"mode": 100, "link": 157, "magic": 257, "prefix": 345}


def tar(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT, mtime: float = 0) -> bytes:
    """Write a tar archive of plain files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), mtime
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def packed(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """Write a gzip-packed tar archive of plain files."""
    return gzip.compress(tar(files, form), mtime=0)


def header(name: bytes = b"model", size: bytes | int = 0, kind: bytes = b"0", **fields: bytes) -> bytes:
    """Write one tar header by hand, with a right checksum whatever it says."""
    block = bytearray(_EMPTY_HEADER)
    digits = size if isinstance(size, bytes) else b"%011o\0" % size
    parts = [
        (0, name[:100]),
        (124, digits[:12]),
        (156, kind),
        *((_PLACES[field], value) for field, value in fields.items()),
    ]
    for at, value in parts:
        block[at : at + len(value)] = value
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def member(name: bytes = b"model", content: bytes = b"", kind: bytes = b"0", **fields: bytes) -> bytes:
    """Write one member by hand."""
    return header(name, len(content), kind, **fields) + content + bytes(-len(content) % 512)


def pax(records: dict[bytes, bytes], kind: bytes = b"x") -> bytes:
    """Write an extended header by hand."""
    content = b""
    for key, value in records.items():
        rest = b" %s=%s\n" % (key, value)
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length = len(str(length)) + len(rest)
        content += str(length).encode() + rest
    return member(b"PaxHeaders/x", content, kind)


def archive(*blocks: bytes, end: bytes = bytes(1024)) -> bytes:
    """Pack blocks written by hand, with the end mark."""
    return gzip.compress(b"".join(blocks) + end, compresslevel=1, mtime=0)


def zeros(start: bytes, megabytes: int) -> bytes:
    """Pack a start followed by this many megabytes of zeros, a thousand times smaller; no gzip trailer."""
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    begun = press.compress(start) + press.flush(zlib.Z_FULL_FLUSH)
    megabyte = press.compress(bytes(1 << 20)) + press.flush(zlib.Z_FULL_FLUSH)
    return begun + megabyte * megabytes


GOOD = packed(PLAIN)
OK = member(b"model", b"x")

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing at all": (lambda: b"", "ARCHIVE_EMPTY"),
    "text": (lambda: b"hello", "ARCHIVE_NOT_GZIP"),
    "a zip": (lambda: b"PK\x03\x04" + bytes(600), "ARCHIVE_NOT_GZIP"),
    "a plain tar": (lambda: tar(PLAIN), "ARCHIVE_NOT_GZIP"),
    "a pickle": (lambda: b"\x80\x04\x95" + bytes(600), "ARCHIVE_NOT_GZIP"),
    "one byte of gzip": (lambda: b"\x1f", "ARCHIVE_TRUNCATED"),
    "half an archive": (lambda: GOOD[: len(GOOD) // 2], "ARCHIVE_TRUNCATED"),
    "no gzip trailer": (lambda: GOOD[:-8], "ARCHIVE_TRUNCATED"),
    "wrong checksum of gzip": (lambda: GOOD[:-8] + bytes(8), "ARCHIVE_CORRUPT"),
    "a broken gzip header": (lambda: b"\x1f\x8b\x07" + GOOD[3:], "ARCHIVE_CORRUPT"),
    "a flipped byte": (lambda: GOOD[:40] + bytes([GOOD[40] ^ 0xFF]) + GOOD[41:], "ARCHIVE_CORRUPT"),
    "bytes behind gzip": (lambda: GOOD + b"x", "ARCHIVE_TRAILING_DATA"),
    "zeros behind gzip": (lambda: GOOD + bytes(512), "ARCHIVE_TRAILING_DATA"),
    "a second gzip member": (lambda: GOOD + GOOD, "ARCHIVE_TRAILING_DATA"),
    "gzip of text": (lambda: gzip.compress(b"hello"), "ARCHIVE_NOT_TAR"),
    "gzip of much else": (lambda: gzip.compress(b"x" * 2000), "ARCHIVE_NOT_TAR"),
    "packed twice": (lambda: gzip.compress(GOOD), "ARCHIVE_NOT_TAR"),
    "gzip of nothing": (lambda: gzip.compress(b""), "ARCHIVE_NOT_TAR"),
    "no end mark": (lambda: archive(OK, end=b""), "ARCHIVE_TRUNCATED"),
    "cut within a file": (lambda: archive(header(b"model", 5000), bytes(512), end=b""), "ARCHIVE_TRUNCATED"),
    "cut within a header": (lambda: archive(OK, header()[:300], end=b""), "ARCHIVE_TRUNCATED"),
    "cut within the code": (lambda: archive(header(b"code/inference.py", 900), b"x", end=b""), "ARCHIVE_TRUNCATED"),
    "cut within a long name": (lambda: archive(header(b"x", 900, b"L"), b"x", end=b""), "ARCHIVE_TRUNCATED"),
    "a long name for nobody": (lambda: archive(OK, pax({b"path": b"x"})), "ARCHIVE_TRUNCATED"),
    "a second archive behind the end": (lambda: archive(OK, bytes(1024), OK), "ARCHIVE_TRAILING_DATA"),
    "a bomb behind the end": (lambda: zeros(OK, 80), "ARCHIVE_TRAILING_DATA"),
    "a bomb that says so": (lambda: archive(header(b"model", 40 << 30), end=b""), "ARCHIVE_TOO_LARGE"),
    "a bomb of zeros": (lambda: zeros(header(b"model", 300 << 20), 300), "ARCHIVE_BOMB"),
    "a pax bomb": (lambda: zeros(header(b"x", 200 << 20, b"x"), 200), "ARCHIVE_BOMB"),
    "a long-name bomb": (lambda: zeros(header(b"x", 200 << 20, b"L"), 200), "ARCHIVE_BOMB"),
    "too many members": (lambda: archive(*[member(b"m%d" % n) for n in range(10_001)]), "ARCHIVE_TOO_MANY_MEMBERS"),
    "too many folders in few names": (
        lambda: archive(*[member(b"%d/" % n + b"/".join([b"x"] * 20)) for n in range(600)]),
        "ARCHIVE_TOO_MANY_MEMBERS",
    ),
    "extended headers for ever": (lambda: archive(pax({b"a": b"b"}) * 10_001), "ARCHIVE_TOO_MANY_MEMBERS"),
    "a broken header": (lambda: archive(OK, b"x" * 512), "ARCHIVE_HEADER"),
    "a negative size": (lambda: archive(header(size=b"\xff" * 12)), "ARCHIVE_HEADER"),
    "a small size in base 256": (lambda: archive(header(size=b"\x80" + bytes(10) + b"\1")), "ARCHIVE_HEADER"),
    "an odd mark of base 256": (lambda: archive(header(size=b"\xc0" + b"\1" * 11)), "ARCHIVE_HEADER"),
    "a huge size in base 256": (lambda: archive(header(size=b"\x80" + b"\x7f" * 11)), "ARCHIVE_TOO_LARGE"),
    "a size that is no number": (lambda: archive(header(size=b"-1\0")), "ARCHIVE_HEADER"),
    "a negative pax size": (lambda: archive(pax({b"size": b"-512"}), OK), "ARCHIVE_HEADER"),
    "a huge pax size": (lambda: archive(pax({b"size": b"9" * 18}), OK), "ARCHIVE_TOO_LARGE"),
    "two pax headers with a name": (lambda: archive(pax({b"path": b"a"}), pax({b"path": b"b"}), OK), "ARCHIVE_HEADER"),
    "a pax and a GNU name": (lambda: archive(pax({b"path": b"a"}), member(b"L", b"b\0", b"L"), OK), "ARCHIVE_HEADER"),
    "a pax header in tatters": (lambda: archive(member(b"p", b"12 path=abcdefgh", b"x"), OK), "ARCHIVE_HEADER"),
    "a pax record of no length": (lambda: archive(member(b"p", b"0 a=b\n", b"x"), OK), "ARCHIVE_HEADER"),
    "a pax record without a length": (lambda: archive(member(b"p", b"path=b\n", b"x"), OK), "ARCHIVE_HEADER"),
    "a global name": (lambda: archive(pax({b"path": b"a"}, b"g"), OK), "ARCHIVE_HEADER"),
    "a hidden prefix": (lambda: archive(member(magic=b"ustar  \0", prefix=b"..")), "ARCHIVE_HEADER"),
    "an old sparse file": (lambda: archive(member(kind=b"S")), "ARCHIVE_SPARSE"),
    "a pax sparse file": (lambda: archive(pax({b"GNU.sparse.major": b"1"}), OK), "ARCHIVE_SPARSE"),
    "a name that climbs out": (lambda: archive(OK, member(b"a/../../b")), "ARCHIVE_MEMBER_NAME"),
    "a long name that climbs out": (lambda: archive(member(b"L", b"../b\0", b"L"), OK), "ARCHIVE_MEMBER_NAME"),
    "a pax name that climbs out": (lambda: archive(pax({b"path": b"../b"}), OK), "ARCHIVE_MEMBER_NAME"),
    "a prefix that climbs out": (lambda: archive(member(b"b", prefix=b"..")), "ARCHIVE_MEMBER_NAME"),
    "an absolute name": (lambda: archive(member(b"/etc/passwd")), "ARCHIVE_MEMBER_NAME"),
    "a Windows drive": (lambda: archive(member(b"C:model")), "ARCHIVE_MEMBER_NAME"),
    "a backslash": (lambda: archive(member(b"..\\model")), "ARCHIVE_MEMBER_NAME"),
    "a zero byte in a pax name": (lambda: archive(pax({b"path": b"a\0b"}), OK), "ARCHIVE_MEMBER_NAME"),
    "a line break in a name": (lambda: archive(member(b"a\nb")), "ARCHIVE_MEMBER_NAME"),
    "a name that is not UTF-8": (lambda: archive(member(b"\xff")), "ARCHIVE_MEMBER_NAME"),
    "a file without a name": (lambda: archive(OK, member(b"./")), "ARCHIVE_MEMBER_NAME"),
    "too long a component": (lambda: archive(pax({b"path": b"a" * 256}), OK), "ARCHIVE_MEMBER_NAME"),
    "too deep a path": (lambda: archive(pax({b"path": b"a/" * 33 + b"b"}), OK), "ARCHIVE_MEMBER_NAME"),
    "the same file twice": (lambda: archive(OK, OK), "ARCHIVE_MEMBER_TWICE"),
    "the same file by another spelling": (lambda: archive(OK, member(b"./model")), "ARCHIVE_MEMBER_TWICE"),
    "names that differ in case": (lambda: archive(OK, member(b"Model")), "ARCHIVE_MEMBER_TWICE"),
    "folders that differ in case": (lambda: archive(member(b"a/b"), member(b"A/c")), "ARCHIVE_MEMBER_TWICE"),
    "names that differ in accents": (
        lambda: archive(member("é".encode()), member("e\u0301".encode())),
        "ARCHIVE_MEMBER_TWICE",
    ),
    "a file that is a folder too": (lambda: archive(member(b"a"), member(b"a/b")), "ARCHIVE_MEMBER_TWICE"),
    "a symbolic link": (lambda: archive(OK, member(b"l", kind=b"2", link=b"/etc")), "ARCHIVE_SPECIAL_FILE"),
    "a hard link": (lambda: archive(OK, member(b"l", kind=b"1", link=b"model")), "ARCHIVE_SPECIAL_FILE"),
    "a device": (lambda: archive(OK, member(b"d", kind=b"3")), "ARCHIVE_SPECIAL_FILE"),
    "a pipe": (lambda: archive(OK, member(b"p", kind=b"6")), "ARCHIVE_SPECIAL_FILE"),
    "something unheard of": (lambda: archive(OK, member(b"q", kind=b"Z")), "ARCHIVE_SPECIAL_FILE"),
    "a folder with content": (lambda: archive(header(b"d/", 512, b"5"), OK), "ARCHIVE_SPECIAL_FILE"),
    "a file that ends in a slash": (lambda: archive(OK, member(b"d/", b"x")), "ARCHIVE_SPECIAL_FILE"),
    "a set-user-id file": (lambda: archive(member(mode=b"0004755\0")), "ARCHIVE_SPECIAL_FILE"),
    "thousands of links": (
        lambda: archive(*[member(b"l%d" % n, kind=b"2", link=b"/") for n in range(5000)]),
        "ARCHIVE_HOSTILE",
    ),
}
"""What makes it hostile → how it is made, and the code of the finding that refuses it."""

"""HTTP/1.1 as bytes: requests written, answers read."""

import asyncio
from collections.abc import AsyncIterator, Mapping

_OWN_HEADERS = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "expect", "keep-alive", "upgrade"}
)


def message_of(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Write a request; a line break in a header becomes a space."""
    lines = [f"{method} {path} HTTP/1.1", "Host: container", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() not in _OWN_HEADERS]
    head = "\r\n".join(text.replace("\r", " ").replace("\n", " ") for text in lines)
    return head.encode("latin-1", "replace") + b"\r\n\r\n" + body


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Read the first line and the headers of an answer.

    Raises:
        ValueError: it is not HTTP.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head[:-4].split("\r\n")
    version, status, *_ = first.split(" ", 2)
    if not version.startswith("HTTP/1."):
        raise ValueError(f"not HTTP: {first[:40]!r}")
    return int(status), {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def read_whole(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """Read the body of an answer whose headers are these."""
    length = headers.get("Content-Length")
    if length is not None:
        return await reader.readexactly(int(length))
    return b"".join([part async for part in read_body(reader, {name.lower(): headers[name] for name in headers})])


async def read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    """Read the body of an answer piece by piece; names of headers in lower case."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            yield (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
        return
    yield await reader.readexactly(int(headers.get("content-length", "0")))

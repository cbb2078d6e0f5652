"""The event stream of InvokeEndpointWithResponseStream (application/vnd.amazon.eventstream), written."""

import json
import struct
from collections.abc import Iterator, Mapping
from zlib import crc32

CONTENT_TYPE = "application/vnd.amazon.eventstream"
PART = 64 * 1024
"""Bytes of a PayloadPart at most."""
_STRING = 7
"""The type of a header's value."""


def payload_parts(body: bytes) -> Iterator[bytes]:
    """Write a piece of an answer as PayloadPart events; an empty one is one empty part."""
    headers = {":message-type": "event", ":event-type": "PayloadPart", ":content-type": "application/octet-stream"}
    for start in range(0, max(len(body), 1), PART):
        yield message(headers, body[start : start + PART])


def error(kind: str, members: Mapping[str, str]) -> bytes:
    """Write an error that ends a stream.

    Args:
        kind: its name, such as ModelStreamError.
        members: of its body.
    """
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return message(headers, json.dumps(members).encode())


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Write one message: lengths, their checksum, headers, payload, checksum of all, big-endian throughout."""
    named = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(named) + len(payload), len(named))
    content = prelude + struct.pack("!I", crc32(prelude)) + named + payload
    return content + struct.pack("!I", crc32(content))


def _header(name: str, value: str) -> bytes:
    written = value.encode()
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", _STRING, len(written)) + written

"""What the launcher and the zygote say to each other.

Orders go to the zygote as 4 bytes of length and JSON; the order to fork brings two file descriptors along, the
listener and the end of the log to write to. Reports come back as lines of JSON.
"""

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_LENGTH = struct.Struct("!I")


@dataclass(frozen=True)
class Fork:
    """Start a container."""

    base_dir: str
    """The container's /opt/ml."""
    home: str
    """Its working directory."""
    environment: Mapping[str, str]
    """Its environment, but for what depends on where it sees its model."""
    order: int = 0
    """Number of the order; the report repeats it."""
    packages: str = ""
    """A folder of libraries that come before those of this environment; "" for none."""
    fresh: bool = False
    """Whether it needs an interpreter that has loaded nothing yet, as its libraries are others than the zygote's."""
    isolated: bool = False
    """Whether it is to be without network."""


@dataclass(frozen=True)
class Load:
    """Import what most models need, so that containers need not."""

    order: int = 0
    """Number of the order; the report repeats it."""


@dataclass(frozen=True)
class Kill:
    """Send a signal to a container."""

    pid: int
    signal: int


@dataclass(frozen=True)
class End:
    """Kill what still runs, and end."""


@dataclass(frozen=True)
class Report:
    """What the zygote says: it is ready (order 0), all is loaded, a fork went well or failed, a container has ended."""

    order: int = 0
    pid: int = 0
    ended: bool = False
    status: int = 0
    """How it ended: exit code, or the negative number of the signal."""
    failure: str = ""


Order = Fork | Load | Kill | End
_KINDS = {kind.__name__: kind for kind in (Fork, Load, Kill, End)}


def packed(order: Order) -> tuple[bytes, bytes]:
    """Give an order as head and body; the file descriptors go with the head."""
    body = json.dumps({type(order).__name__: asdict(order)}).encode()
    return _LENGTH.pack(len(body)), body


def receive(control: socket.socket) -> tuple[Order | None, list[int]]:
    """Read one order with its file descriptors, blocking; None when the other end is gone."""
    head, descriptors, _, _ = socket.recv_fds(control, _LENGTH.size, 2)
    if len(head) < _LENGTH.size:
        return None, descriptors
    (length,) = _LENGTH.unpack(head)
    body = bytearray()
    while len(body) < length:
        part = control.recv(length - len(body))
        if not part:
            return None, descriptors
        body += part
    return _order(json.loads(body)), descriptors


def _order(content: dict[str, dict[str, Any]]) -> Order:
    [(kind, fields)] = content.items()
    order: Order = _KINDS[kind](**fields)
    return order


def line(report: Report) -> bytes:
    """Give a report as a line."""
    return json.dumps(asdict(report)).encode() + b"\n"


def read_report(text: bytes) -> Report:
    """Read a line back."""
    return Report(**json.loads(text))

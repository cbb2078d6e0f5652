"""Unix sockets in a folder whose own path may be longer than a socket's may be."""

import os
import socket
import sys
from pathlib import Path

_PATH_LIMIT = 100
"""Bytes of a socket's path that every system takes (Linux takes 107, macOS 103)."""
_NAME_ROOM = 12
_BACKLOG = 128


class SocketFolder:
    """The sockets of the instances.

    Args:
        folder: existing folder.

    Raises:
        ValueError: its path is too long, and this system knows no shorter way to it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1
        self._way = str(folder)
        if len(os.fsencode(folder)) + _NAME_ROOM > _PATH_LIMIT:
            if sys.platform != "linux":
                raise ValueError(f"{folder} is too long a path for sockets below it: {_PATH_LIMIT} bytes are allowed")
            self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            self._way = f"/proc/self/fd/{self._descriptor}"

    def path(self, number: int) -> str:
        """Give the path by which this process reaches a socket."""
        return f"{self._way}/{number}.sock"

    def remove(self, number: int) -> None:
        """Remove a socket; it may be gone already."""
        (self._folder / f"{number}.sock").unlink(missing_ok=True)

    def close(self) -> None:
        """Give up the shorter way."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def listening(path: str) -> socket.socket:
    """Bind a socket and listen; what connects before anybody accepts waits."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(_BACKLOG)
    return listener

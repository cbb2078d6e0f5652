"""Pieces of any size, read by the byte."""

from collections.abc import Iterator

from slipway.intake.archive_refusal import cut_off


class ByteStream:
    """A stream that knows where it is, and keeps no more than one piece."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._used = 0
        self.at = 0
        """Bytes read or skipped so far."""

    def read(self, size: int) -> bytes:
        """Read exactly this many bytes, fewer only at the end."""
        end = self._used + size
        if end <= len(self._piece):
            taken, self._used = self._piece[self._used : end], end
            self.at += size
            return taken
        taken = b"".join(self._take(size))
        self.at += len(taken)
        return taken

    def skip(self, size: int) -> None:
        """Read on without keeping anything.

        Raises:
            ArchiveRefusedError: the stream ends before.
        """
        if self._used + size <= len(self._piece):
            self._used += size
        elif sum(len(part) for part in self._take(size)) < size:
            raise cut_off(self.at)
        self.at += size

    def rest(self) -> Iterator[bytes]:
        """Give what was not yet read, piece by piece."""
        yield self._piece[self._used :]
        yield from self._pieces

    def _take(self, size: int) -> Iterator[memoryview]:
        while size:
            if self._used == len(self._piece):
                piece = next(self._pieces, None)
                if piece is None:
                    return
                self._piece, self._used = piece, 0
            part = memoryview(self._piece)[self._used : self._used + size]
            self._used += len(part)
            size -= len(part)
            yield part

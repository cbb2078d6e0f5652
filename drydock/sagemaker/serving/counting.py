"""Counting what threads have under way."""

import contextlib
import threading
from collections.abc import Iterator


class Count:
    """Counts what is under way, so that others can wait for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    @property
    def some(self) -> bool:
        """Whether anything is under way."""
        return self._count > 0

    @property
    def several(self) -> bool:
        """Whether more than one is under way."""
        return self._count > 1

    def begin(self) -> None:
        """Count one more."""
        with self._changed:
            self._count += 1

    def end(self) -> None:
        """Count one less."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Count one while the context lasts."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def wait_for_none(self, timeout: float | None = None) -> None:
        """Wait until nothing is under way, some seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0, timeout)

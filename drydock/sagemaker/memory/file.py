"""Keeps the state in a file while the service runs, and finds it there when it starts again."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any, Protocol

from drydock.sagemaker.memory.remembering import ForeignMemoryError, header, restore, written
from drydock.sagemaker.memory.state import State

LOOK_EVERY = 0.5
"""Real seconds after which a change that nobody told of is written."""
_AT_A_TIME = 8
"""Resources that are turned into JSON before others get their turn on the event loop."""


class Kept(Protocol):
    """What a memory holds beside the state of the service."""

    def document(self) -> Any:
        """Write it, as JSON has it."""

    def restore(self, document: Any) -> None:
        """Take over what an earlier life wrote; called where there is no event loop."""


class Memory:
    """A file that holds a state.

    Args:
        file: JSON; made when it is not there. Written beside and renamed, so that it is whole at any time.
        state: what is kept.
    """

    def __init__(self, file: Path, state: State) -> None:
        self._file = file
        self._state = state
        self._others: dict[str, Kept] = {}
        self._last = b""
        self._changed = asyncio.Event()
        self._stopping = False
        self._keeping: asyncio.Task[None] | None = None

    def add(self, name: str, kept: Kept) -> None:
        """Hold something else, too; before `recall`."""
        self._others[name] = kept

    def recall(self) -> None:
        """Fill the state, and what else is held, from the file, if there is one.

        Raises:
            ForeignMemoryError: the file holds something else, or the state of another account or region.
        """
        if not self._file.exists():
            return
        try:
            document = json.loads(self._file.read_bytes())
            restore(self._state, document)
            for name in self._others.keys() & document.keys():
                self._others[name].restore(document[name])
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ForeignMemoryError(f"{self._file} holds no state of this service: {error}") from error

    def start(self) -> None:
        """Begin to write changes."""
        self._keeping = asyncio.create_task(self._keep())

    def touch(self) -> None:
        """Tell that something may have changed, so that it is written now."""
        self._changed.set()

    async def close(self) -> None:
        """Write the last changes and stop."""
        if self._keeping is None:
            return
        self._stopping = True
        self.touch()
        await self._keeping
        await self._write()

    async def _keep(self) -> None:
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_EVERY)
            self._changed.clear()
            await self._write()

    async def _write(self) -> None:
        document: dict[str, Any] = header(self._state)
        for number, (part, key, resource) in enumerate(written(self._state)):
            document.setdefault(part, {})[key] = resource
            if number % _AT_A_TIME == _AT_A_TIME - 1:
                await asyncio.sleep(0)
        document |= {name: kept.document() for name, kept in self._others.items()}
        self._last = await asyncio.to_thread(_store, self._file, document, self._last)


def _store(file: Path, document: dict[str, Any], last: bytes) -> bytes:
    content = json.dumps(document).encode()
    if content != last:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(file.name + ".new")
        beside.write_bytes(content)
        beside.replace(file)
    return content

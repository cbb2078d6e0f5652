"""Starts processes of containers: a socket, a home and a pipe for each, and a zygote to fork them from."""

import asyncio
import contextlib
import itertools
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from drydock.sagemaker.serving.archive import remove_tree
from drydock.sagemaker.serving.forking import Child, Forker
from drydock.sagemaker.serving.libraries import Say
from drydock.sagemaker.serving.models import Model
from drydock.sagemaker.serving.orders import Fork
from drydock.sagemaker.serving.process import ProcessInstance, copy_lines
from drydock.sagemaker.serving.sockets import SocketFolder, listening
from drydock.sagemaker.serving.usage import Gauge
from drydock.sagemaker.surroundings import ContainerSpec, LaunchError


@dataclass(frozen=True)
class Recipe:
    """Everything that a process of a container is started from."""

    spec: ContainerSpec
    model: Model
    order: Fork
    say: Say


class Starter:
    """All processes of one launcher. Belongs to the event loop that first uses it.

    Args:
        folder: existing folder for sockets and homes; the zygote removes it when everything else has crashed.
        grace_seconds: real seconds between SIGTERM and SIGKILL.
        leave: gives back the model of a process that has ended.
    """

    def __init__(self, folder: Path, grace_seconds: float, leave: Callable[[Model], Awaitable[None]]) -> None:
        self._folder = folder
        self._grace_seconds = grace_seconds
        self._leave = leave
        self._sockets = SocketFolder(folder)
        self._forker: Forker | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._instances: dict[int, ProcessInstance] = {}
        self._closed = False

    async def start(self, recipe: Recipe) -> ProcessInstance:
        """Start a process.

        Raises:
            LaunchError: none can be started.
            OSError: files or descriptors run out.
        """
        forker = await self.running_forker()
        number = next(self._numbers)
        home = self._folder / f"home-{number}"
        with contextlib.ExitStack() as on_failure:
            home.mkdir()
            on_failure.callback(remove_tree, home)
            path = self._sockets.path(number)
            on_failure.callback(self._sockets.remove, number)
            reader, writer = os.pipe()
            on_failure.callback(os.close, reader)
            child = await _forked(forker, _at_home(recipe.order, str(home)), path, writer)
            on_failure.pop_all()
        clean_up = partial(self._clean_up, number, home, recipe.model)
        gauge = Gauge(child.pid, recipe.model.base_dir, home)
        instance = ProcessInstance(
            forker, child, path, copy_lines(reader, recipe.say), clean_up, self._grace_seconds, gauge
        )
        self._instances[number] = instance
        return instance

    async def close(self) -> None:
        """Stop every process and end the zygote; nothing is started any more."""
        self._closed = True
        await self._stop_instances()
        async with self._starting:
            if self._forker:
                await self._forker.stop()
        await self._stop_instances()
        self._sockets.close()

    async def _stop_instances(self) -> None:
        await asyncio.gather(*(instance.stop() for instance in self._instances.values()))

    async def running_forker(self) -> Forker:
        """Give the zygote, started anew if it has ended.

        Raises:
            LaunchError: there is none.
        """
        async with self._starting:
            if self._closed:
                raise LaunchError("no process can be started: the service is shutting down")
            if self._forker and self._forker.alive:
                return self._forker
            if self._forker:
                await self._forker.stop()
            self._forker = Forker(self._folder)
            await self._forker.start()
            return self._forker

    async def _clean_up(self, number: int, home: Path, model: Model) -> None:
        self._instances.pop(number, None)
        self._sockets.remove(number)
        await asyncio.to_thread(remove_tree, home)
        await self._leave(model)


def _at_home(order: Fork, home: str) -> Fork:
    return replace(order, home=home, environment={"HOME": home, "TMPDIR": home, **order.environment})


async def _forked(forker: Forker, order: Fork, path: str, writer: int) -> Child:
    try:
        with listening(path) as listener:
            return await forker.fork(order, listener, writer)
    finally:
        os.close(writer)

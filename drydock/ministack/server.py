"""One process, one port: MiniStack, mended, with the hosting service and the alarms on its event loop."""

import asyncio
import logging
import shutil
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ministack import app
from ministack.core.concurrency import run_offloop

from drydock import web
from drydock.ministack import (
    alarm_requests,
    alarm_states,
    authorization,
    datapoints,
    functions,
    keeping,
    routing,
    scaling,
    storage,
)
from drydock.ministack.environment import HOSTING_STATE, Options
from drydock.ministack.preload import preload
from drydock.ministack.routing import Handler
from drydock.ministack.step_functions import mending
from drydock.ministack.step_functions.tokens import Tokens
from drydock.ministack.surroundings import MiniStackSurroundings
from drydock.ministack.workers.layers import Layers
from drydock.ministack.workers.nursery import Nursery


class Hosting(Protocol):
    """The hosting service, as the server sees it."""

    @property
    def handle(self) -> Handler: ...

    @property
    def handle_scaling(self) -> Handler:
        """Answer for Application Auto Scaling."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


MakeHosting = Callable[[Options, MiniStackSurroundings, Path], Hosting]
"""(options, surroundings, folder for temporary files) → the hosting service."""


def run(options: Options, temporary: Path, listener: socket.socket, make_hosting: MakeHosting) -> None:
    """Serve until SIGTERM or SIGINT, then end every child, keep what is to be kept, and remove the temporary files.

    Args:
        options: the settings; `environment.prepare` ran with them before.
        temporary: what `prepare` returned.
        listener: the socket to serve, listening already.
        make_hosting: builds the hosting service.

    Raises:
        ForeignStateError: what was kept is not of this cloud.
    """
    logging.getLogger().setLevel(logging.WARNING)
    nursery = Nursery()
    nursery.mend()
    Layers(temporary).mend()
    try:
        server = Server(options, temporary, make_hosting)
        try:
            asyncio.run(server.serve(listener))
        finally:
            functions.stop_workers()
            if options.keep:
                keeping.save(options, temporary / HOSTING_STATE)
    finally:
        nursery.close()
        shutil.rmtree(temporary, ignore_errors=True)


class Server:
    """The local cloud's server."""

    def __init__(self, options: Options, temporary: Path, make_hosting: MakeHosting) -> None:
        """Mend MiniStack and build the hosting service; nothing runs yet."""
        datapoints.mend(options.scale)
        storage.mend()
        functions.mend()
        alarm_requests.mend()
        tokens = Tokens()
        authorization.mend(tokens)
        self._executions = mending.mend(tokens, options.scale)
        if options.keep:
            keeping.recall(options, temporary / HOSTING_STATE)
        self._alarms = alarm_states.AlarmBoard(options.scale)
        alarm_states.mend(self._alarms)
        self._alarms.recall()
        self._hosting = make_hosting(options, MiniStackSurroundings(), temporary)
        routing.mend(self._hosting.handle)
        scaling.mend(self._hosting.handle_scaling)

    async def serve(self, listener: socket.socket) -> None:
        """Serve until a signal comes or the alarms cannot be evaluated any more."""
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        watch = asyncio.create_task(self._alarms.watch())
        watch.add_done_callback(lambda _: stop.set())
        loading = asyncio.create_task(run_offloop(preload))
        try:
            await self._hosting.start()
            self._executions.tell_of_stopped()
            await web.serve(app.app, listener, stop, lifespan=True)
        finally:
            self._executions.stop_all()
            await self._hosting.close()
            watch.cancel()
        await asyncio.wait([watch, loading])
        if not watch.cancelled():
            watch.result()

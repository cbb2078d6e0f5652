"""HTTP for an ASGI application, read by httptools: a parser in C takes a third of what one in Python does."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

_GRACE_SECONDS = 1
_KEEP_ALIVE_SECONDS = 75


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(application: Any, listener: socket.socket, stop: asyncio.Event, *, lifespan: bool = False) -> None:
    """Answer HTTP by an ASGI application until `stop` is set; what is under way then has a second.

    Args:
        application: ASGI 3.
        listener: the socket to serve; closed at the end.
        stop: ends it.
        lifespan: whether the application wants to hear of its beginning and its end.
    """
    config = uvicorn.Config(
        application,
        loop="none",
        http="auto",
        ws="wsproto",
        lifespan="on" if lifespan else "off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    # Head and body are sent apart. asyncio sets this itself, but only where it made the socket.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = _Server(config)
    ending = asyncio.create_task(_end(server, stop))
    try:
        await server.serve([listener])
    finally:
        ending.cancel()


async def _end(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True

"""The server of a hosting service that runs alone: HTTP on a port of its own until a signal comes."""

import asyncio
import signal
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from drydock import web
from drydock.alone.surroundings import LoneSurroundings
from drydock.autoscaling.hosted import HostedFleets
from drydock.autoscaling.remembering import KeptBook
from drydock.autoscaling.service import TARGET_PREFIX, AutoScalingService
from drydock.sagemaker.place import REGION
from drydock.sagemaker.runtime.entry import Answer
from drydock.sagemaker.service import HostingService
from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.serving.parking import ParkingLauncher
from drydock.sagemaker.wire.aws_json import TARGET

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
Handle = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, list[str]]], Awaitable[Answer]]
"""Answers a request: method, path, headers with names in lower case, body, query."""
_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Options:
    """How to run alone."""

    port: int
    s3_endpoint_url: str
    scale: float = 1.0
    """How much faster than AWS durations pass."""
    provisioning_seconds: float = 0.0
    region: str = REGION
    state: Path | None = None
    """The file that keeps the state over a restart."""


async def serve(options: Options) -> None:
    """Serve on the loopback until SIGTERM or SIGINT, then end every container.

    Raises:
        OSError: the port is taken.
        ForeignMemoryError: the file of the state holds something else.
    """
    with tempfile.TemporaryDirectory(prefix="drydock-") as folder:
        service, scaling = make_services(options, Path(folder))
        try:
            await service.start()
            await service.revived()
            await scaling.start()
            await run_on(application(by_target(service, scaling)), options)
        finally:
            await scaling.close()
            await service.close()


async def run_on(app: Application, options: Options) -> None:
    """Answer HTTP by an application until SIGTERM or SIGINT.

    Raises:
        OSError: the port is taken.
    """
    listener = socket.create_server((_HOST, options.port))
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await web.serve(app, listener, stop)


def make_services(options: Options, folder: Path) -> tuple[HostingService, AutoScalingService]:
    """Build the hosting service and what scales it.

    Args:
        options: how to run.
        folder: for models and sockets; exists.
    """
    surroundings = LoneSurroundings(options.s3_endpoint_url, options.region, _line_to(1), _line_to(2), options.scale)
    environment = {"AWS_REGION": options.region, "AWS_DEFAULT_REGION": options.region}
    launcher = ParkingLauncher(ProcessLauncher(surroundings.fetch, surroundings.log, folder, environment=environment))
    service = HostingService(
        launcher,
        surroundings,
        scale=options.scale,
        provisioning_seconds=options.provisioning_seconds,
        region=options.region,
        memory=options.state,
    )
    scaling = AutoScalingService(
        HostedFleets(service),
        surroundings.scaling,
        tempo=service.state.tempo,
        place=service.state.place,
        around=service.around,
    )
    service.remember("scaling", KeptBook(scaling.desk))
    service.remember("alarms", surroundings.scaling)
    return service, scaling


def _line_to(descriptor: int) -> Callable[[str], None]:
    stream = sys.stdout if descriptor == 1 else sys.stderr

    def write(line: str) -> None:
        stream.write(f"{line}\n")
        stream.flush()

    return write


def by_target(service: HostingService, scaling: AutoScalingService) -> Handle:
    """Give the handler that hands each request to the service it is for."""

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> Answer:
        scales = headers.get(TARGET, "").startswith(TARGET_PREFIX)
        return await (scaling if scales else service).handle(method, path, headers, body, query)

    return handle


def application(handle: Handle) -> Application:
    """Give the ASGI application that hands each request to a handler."""

    async def answer(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode("latin-1")) if scope["query_string"] else {}
        status, named, content = await handle(scope["method"], scope["path"], headers, body, query)
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
        if isinstance(content, bytes):
            sent.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        if not isinstance(content, bytes):
            async for part in content:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": content if isinstance(content, bytes) else b""})

    return answer


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)

"""Requests a second over HTTP, with a real model process, and whose time of the processor they take."""

import asyncio
import multiprocessing
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.drydock import processor
from benchmarks.drydock.clients import CLIENTS, Ask, by_boto, rate, raw
from benchmarks.drydock.house import config, endpoint, hosting, told
from drydock.alone.server import Options, application, run_on

RAW, BOTO = 8000, 3000
"""Requests of one measurement."""


def measure(folder: Path) -> None:
    """Measure with raw clients and with boto3."""
    with serving(str(folder)) as (server, port):
        _shared("raw", raw, server, port, RAW, ">= 2000")
        _shared("boto3", by_boto, server, port, BOTO, ">= 500")


def _shared(what: str, connect: Callable[[int], Ask], server: int, port: int, requests: int, budget: str) -> None:
    rate(connect, port, requests // 10)
    service, *models = processor.tree(server)
    before = [processor.seconds(service), sum(map(processor.seconds, models))]
    found = rate(connect, port, requests)
    after = [processor.seconds(service), sum(map(processor.seconds, models))]
    own, model = ((now - then) / requests * 1000 for then, now in zip(before, after, strict=True))
    told(f"requests a second, {what}, {CLIENTS} clients", f"{found.per_second:.0f}", budget)
    shares = f"{own:.2f} + {model:.2f} + {found.client_milliseconds:.2f} ms"
    told("  the processor's time: service + model + client", shares, "none")


def serve(port: int, folder: str) -> None:
    """Serve over HTTP until SIGTERM."""

    async def run() -> None:
        async with hosting(Path(folder)) as (service, *_):
            await config(service, "bench")
            await endpoint(service, "bench")
            await run_on(application(service.handle), Options(port, "http://127.0.0.1:9"))

    asyncio.run(run())


@contextmanager
def serving(folder: str) -> Iterator[tuple[int, int]]:
    """Run the service in a process of its own; gives its process id and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port, folder))
    process.start()
    end = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)):
        if time.monotonic() > end:
            sys.exit("the service does not answer")
        time.sleep(0.05)
    try:
        yield int(process.pid or 0), port
    finally:
        process.terminate()
        process.join(10)

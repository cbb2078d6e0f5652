"""What Drydock itself costs: `python -m benchmarks.drydock`; every line is a ratio or a count against its budget."""
# ruff: noqa: SLF001 - the turns of the event loop are timed where asyncio makes them

import asyncio
import json
import multiprocessing
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from drydock.alone.server import Options, application, run_on
from drydock.alone.surroundings import LoneSurroundings
from drydock.sagemaker.service import HostingService
from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.surroundings import ContainerSpec
from examples.packing import pack

TRIVIAL = (
    b"def model_fn(d):\n    return None\n\ndef transform_fn(model, data, content_type, accept):\n    return data\n"
)
ROLE = "arn:aws:iam::000000000000:role/bench"
DATA = "s3://bench/model.tar.gz"
CALLS, INVOCATIONS, CLIENTS, ENDPOINTS, STARTS = 500, 2000, 4, 200, 15


class LocalFiles(LoneSurroundings):
    """The surroundings of a service alone, with one model on disk for S3 and nobody to hear."""

    def __init__(self, folder: Path) -> None:
        """Pack the model."""
        super().__init__("http://127.0.0.1:9", "us-east-1", len, len)  # type: ignore[arg-type]
        self._model = folder / "bench.tar.gz"
        self._model.write_bytes(pack({"code/inference.py": TRIVIAL}))

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        """Copy the model."""
        del bucket, key
        shutil.copy(self._model, to)

    async def has_object(self, bucket: str, key: str) -> bool:
        """Say yes."""
        del bucket, key
        return True


@asynccontextmanager
async def hosting(folder: Path) -> AsyncIterator[tuple[HostingService, ProcessLauncher]]:
    """Run a service, at 3600 of SageMaker's seconds in one."""
    surroundings = LocalFiles(folder)
    launcher = ProcessLauncher(surroundings.fetch, surroundings.log, folder)
    service = HostingService(launcher, surroundings, scale=3600.0)
    await service.start()
    try:
        yield service, launcher
    finally:
        await service.close()


def told(what: str, value: str, budget: str) -> None:
    """Print one line."""
    print(f"{what:52} {value:>22}   budget {budget}")


async def call(service: HostingService, operation: str, **request: Any) -> dict[str, Any]:
    """Call the control plane without HTTP around it."""
    headers = {"X-Amz-Target": f"SageMaker.{operation}"}
    status, _, body = await service.handle("POST", "/", headers, json.dumps(request).encode(), {})
    assert status == 200, body
    return dict(json.loads(body or b"{}"))


async def endpoint(service: HostingService, name: str, *, shared: str = "bench", wait: bool = True) -> None:
    """Create an endpoint on the shared configuration and wait for it."""
    await call(service, "CreateEndpoint", EndpointName=name, EndpointConfigName=shared)
    while wait and (await call(service, "DescribeEndpoint", EndpointName=name))["EndpointStatus"] != "InService":
        await asyncio.sleep(0.005)


async def config(service: HostingService, name: str) -> None:
    """Create a model and a configuration."""
    container = {"Image": "bench", "ModelDataUrl": DATA}
    await call(service, "CreateModel", ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {"VariantName": "main", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    await call(service, "CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[variant])


async def timed(times: int, action: Callable[[int], Awaitable[object]]) -> list[float]:
    """Give the milliseconds of each of some calls."""
    found = []
    for number in range(times):
        begin = time.perf_counter()
        await action(number)
        found.append((time.perf_counter() - begin) * 1000)
    return found


async def longest_hold(during: Callable[[], Awaitable[object]]) -> float:
    """Give the milliseconds of the processor that one turn of the event loop took at most meanwhile."""
    worst, run = 0.0, asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        nonlocal worst
        began = time.thread_time()
        run(handle)
        worst = max(worst, (time.thread_time() - began) * 1000)

    asyncio.Handle._run = timed  # type: ignore[method-assign]
    try:
        await during()
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]
    return worst


async def measure_inside(folder: Path) -> None:
    """Measure what needs no HTTP: own time, overhead of an invocation, starts, the event loop."""
    async with hosting(folder) as (service, launcher):
        await config(service, "bench")
        await endpoint(service, "bench")
        for operation, request in (
            ("DescribeEndpoint", lambda _: {"EndpointName": "bench"}),
            ("ListEndpoints", lambda _: {}),
            ("CreateModel", lambda number: {"ModelName": f"m{number}", "PrimaryContainer": {"Image": "bench"}}),
        ):
            took = await timed(CALLS, lambda number, o=operation, r=request: call(service, o, **r(number)))  # type: ignore[misc]
            told(f"{operation}: own time, median of {CALLS}", f"{statistics.median(took):.3f} ms", "<= 1 ms")
        instance = await launcher.launch(ContainerSpec("bench", "main", "i-bench", "bench", DATA))
        while not await instance.ping():
            await asyncio.sleep(0.001)
        path, direct, through = "/endpoints/bench/invocations", list[float](), list[float]()
        for _ in range(INVOCATIONS):  # by turns, so that a slow moment of the machine hits both alike
            direct += await timed(1, lambda _: instance.invoke(b"1", {}, 60))
            through += await timed(1, lambda _: service.handle("POST", path, {}, b"1", {}))
        added = statistics.median(through) - statistics.median(direct)
        ratio = statistics.median(through) / statistics.median(direct)
        told("invocation through the service / to the process", f"{ratio:.2f} x, +{added:.3f} ms", "<= +1 ms")
        for isolated in (False, True):
            starts = await timed(STARTS, lambda number, cut=isolated: start(launcher, number, isolated=cut))  # type: ignore[misc]
            what = f"launch to healthy{', isolated' if isolated else ''}, median of {STARTS}"
            told(what, f"{statistics.median(starts):.1f} ms", "<= 50 ms")
        hold = await longest_hold(lambda: many(service))
        told("longest hold of the event loop, 20 deployments", f"{hold:.1f} ms", "<= 10 ms")


async def start(launcher: ProcessLauncher, number: int, *, isolated: bool) -> None:
    """Launch an instance of the shared model and wait until it is healthy."""
    instance = await launcher.launch(ContainerSpec("bench", "main", f"i-{number}", "bench", DATA, isolated=isolated))
    while not await instance.ping():
        await asyncio.sleep(0.001)


async def many(service: HostingService) -> None:
    """Deploy twenty times and list in between."""
    for number in range(20):
        await config(service, f"c{number}")
        await call(service, "UpdateEndpoint", EndpointName="bench", EndpointConfigName=f"c{number}")
        while (await call(service, "DescribeEndpoint", EndpointName="bench"))["EndpointStatus"] != "InService":
            await asyncio.sleep(0.01)
        await call(service, "ListModels", MaxResults=100)


def serve(port: int, folder: str) -> None:
    """Serve over HTTP until SIGTERM; the process that the clients measure."""

    async def run() -> None:
        async with hosting(Path(folder)) as (service, _):
            await config(service, "bench")
            await endpoint(service, "bench")
            await run_on(application(service.handle), Options(port, "http://127.0.0.1:9"))

    asyncio.run(run())


def rate(client: Callable[[], Callable[[], object]]) -> float:
    """Give the requests a second of some clients side by side, each with a connection of its own."""

    def work() -> None:
        ask = client()
        for _ in range(INVOCATIONS // CLIENTS):
            ask()

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return INVOCATIONS / (time.perf_counter() - begin)


class Echo(asyncio.Protocol):
    """Answers whatever comes as the trivial model does: what the machine gives at best, however busy it is."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        del data
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")


def echo(port: int) -> None:
    """Serve `Echo` until SIGTERM."""

    async def run() -> None:
        await (await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)).serve_forever()

    asyncio.run(run())


def measure_outside(port: int, echo_port: int) -> None:
    """Measure requests a second over HTTP, beside those of a bare server."""

    request = b"POST /endpoints/bench/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n1"

    def raw(to: int) -> Callable[[], object]:
        connection = socket.create_connection(("127.0.0.1", to))

        def ask() -> None:
            connection.sendall(request)
            answer = connection.recv(65536)
            while not answer.endswith(b"\r\n\r\n1"):
                answer += connection.recv(65536)

        return ask

    def by_boto() -> Callable[[], object]:
        make: Callable[..., Any] = boto3.client
        keys = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t"}
        runtime = make("sagemaker-runtime", endpoint_url=f"http://127.0.0.1:{port}", config=Config(), **keys)
        return lambda: runtime.invoke_endpoint(EndpointName="bench", Body=b"1")["Body"].read()

    plain, reached = rate(partial(raw, echo_port)), rate(partial(raw, port))
    told(f"requests a second, raw, {CLIENTS} connections", f"{reached:.0f}", ">= 2000")
    told("the same, of what a bare asyncio server answers", f"{reached / plain:.0%} of {plain:.0f}", "none")
    told(f"requests a second, boto3, {CLIENTS} clients", f"{rate(by_boto):.0f}", ">= 500")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait at most a minute until somebody listens."""
    end = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)):
        if time.monotonic() > end:
            sys.exit("a server does not answer")
        time.sleep(0.05)


def main() -> None:
    """Measure all of it."""
    folder = Path(tempfile.mkdtemp())
    port, echo_port = free_port(), free_port()
    try:
        asyncio.run(measure_inside(folder))
        spawned = multiprocessing.get_context("spawn").Process
        servers = [spawned(target=serve, args=(port, str(folder))), spawned(target=echo, args=(echo_port,))]
        for server in servers:
            server.start()
        for each in (port, echo_port):
            wait_for(each)
        measure_outside(port, echo_port)
        for server in servers:
            server.terminate()
            server.join(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

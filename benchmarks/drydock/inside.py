"""What needs no HTTP: own time of a call, what an invocation adds, starts, the event loop."""
# ruff: noqa: SLF001 - the turns of the event loop are timed where asyncio makes them

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.drydock.house import DATA, call, config, endpoint, hosting, timed, told
from drydock.sagemaker.service import HostingService
from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.surroundings import ContainerSpec

CALLS, INVOCATIONS, STARTS = 500, 2000, 15


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


async def measure(folder: Path) -> None:
    """Measure what needs no HTTP: own time, overhead of an invocation, starts, the event loop."""
    async with hosting(folder) as (service, launcher, _):
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

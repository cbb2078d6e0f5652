"""How fast containers start, answer and end: `python -m benchmarks.serving`."""

import asyncio
import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.serving.parking import MOST_RUNNING, ParkableInstance, ParkingLauncher
from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.surroundings import ContainerSpec
from examples.packing import pack
from examples.train import build_all

TRIVIAL = b"""
def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    return data
"""
ROW = b"[[" + b",".join(b"%d.5" % n for n in range(30)) + b"]]"
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
STARTS, INVOCATIONS, SIDE_BY_SIDE = 15, 2000, 8
ENDPOINTS = 200


async def timed(action: Callable[[], Awaitable[object]]) -> float:
    """Give the milliseconds that an action takes."""
    begin = time.perf_counter()
    await action()
    return (time.perf_counter() - begin) * 1000


def told(what: str, milliseconds: list[float]) -> None:
    """Print median, p99 and worst."""
    ordered = sorted(milliseconds)
    p99 = ordered[int(len(ordered) * 0.99)]
    print(f"{what:44} median {statistics.median(ordered):7.2f} ms   p99 {p99:7.2f}   worst {ordered[-1]:7.2f}")


def resident() -> float:
    """Give the megabytes (PSS) of this process and all it has started."""
    pids, kilobytes = [os.getpid()], 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                pids += [int(child) for child in (task / "children").read_text().split()]
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            kilobytes += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024


async def crowd(launcher: ProcessLauncher, key: str) -> None:
    """Start an instance of each of many endpoints, let most of them rest, and wake them."""
    parking = ParkingLauncher(launcher)
    instances: list[ParkableInstance] = []
    for number in range(ENDPOINTS):
        spec = ContainerSpec(f"bench-{number}", "main", "i-1", "image", f"s3://bucket/{key}")
        instances.append(await parking.launch(spec))
        assert await instances[-1].ping()
    print(f"{f'{key}: {ENDPOINTS} endpoints, all running':44} {resident():7.0f} MB")
    while sum(not each.parked for each in instances) > MOST_RUNNING:
        await asyncio.sleep(0.05)
    print(f"{f'{key}: {ENDPOINTS} endpoints, {MOST_RUNNING} running':44} {resident():7.0f} MB")
    asleep = [each for each in instances if each.parked][:STARTS]

    async def wake() -> None:
        assert (await asleep.pop().invoke(ROW, HEADERS, 60)).status == 200

    told(f"{key}: invocation of a parked one", [await timed(wake) for _ in range(STARTS)])
    await asyncio.gather(*(each.stop() for each in instances))


async def measure(launcher: ProcessLauncher, key: str, workers: int = 1) -> None:
    """Start, ask and stop instances of one model."""
    environment = {"SAGEMAKER_MODEL_SERVER_WORKERS": str(workers)}
    spec = ContainerSpec("bench", "main", "i-1", "image", f"s3://bucket/{key}", environment)
    running: list[ProcessInstance] = []

    async def start() -> None:
        running.append(await launcher.launch(spec))
        assert await running[-1].ping()

    await start()  # unpacks; the next ones fetch the same bytes and share the folder
    key = key if workers == 1 else f"{key}, {workers} workers"
    told(f"{key}: launch to healthy", [await timed(start) for _ in range(STARTS)])
    one = running[0]

    async def invoke() -> None:
        assert (await one.invoke(ROW, HEADERS, 60)).status == 200

    told(f"{key}: invocation", [await timed(invoke) for _ in range(INVOCATIONS)])

    async def client() -> None:
        for _ in range(INVOCATIONS // SIDE_BY_SIDE):
            await invoke()

    took = await timed(lambda: asyncio.gather(*(client() for _ in range(SIDE_BY_SIDE))))
    print(f"{key + f': {SIDE_BY_SIDE} clients':44} {INVOCATIONS / took * 1000:8.0f} invocations a second")
    told(f"{key}: stop", [await timed(instance.stop) for instance in running])


async def main() -> None:
    """Measure a trivial model and one of scikit-learn."""
    folder = Path(tempfile.mkdtemp())
    build_all(folder)
    (folder / "trivial").mkdir()
    (folder / "trivial" / "model.tar.gz").write_bytes(pack({"code/inference.py": TRIVIAL}))

    async def fetch(_bucket: str, key: str, to: Path) -> None:
        shutil.copy(folder / key / "model.tar.gz", to)

    def log(_group: str, _stream: str, lines: Iterable[str]) -> None:
        print(*lines, sep="\n")

    launcher = ProcessLauncher(fetch, log, folder)
    try:
        print(f"{'zygote':44} {await timed(launcher.start):7.0f} ms")
        for key in ("trivial", "better"):
            await measure(launcher, key)
        await measure(launcher, "better", workers=2)
        for key in ("trivial", "better"):
            await crowd(launcher, key)
    finally:
        told("close", [await timed(launcher.close)])
        shutil.rmtree(folder)


if __name__ == "__main__":
    asyncio.run(main())

"""What many endpoints take of the memory: 200 that are known, of which 20 may run."""

import asyncio
import multiprocessing
import os
from pathlib import Path
from typing import Any

from benchmarks.drydock import processor
from benchmarks.drydock.house import config, endpoint, hosting, told
from drydock.sagemaker.serving.parking import MOST_RUNNING

ENDPOINTS = 200


def measure(folder: Path) -> None:
    """Measure in a process of its own: the service, what forks its containers, and the containers."""
    found = multiprocessing.get_context("spawn").Queue()
    measuring = multiprocessing.get_context("spawn").Process(target=_measure, args=(str(folder), found))
    measuring.start()
    megabytes, running = found.get(timeout=300)
    measuring.join()
    told(f"{ENDPOINTS} endpoints, {running} model processes: memory", f"{megabytes:.0f} MB", "<= 1024 MB")
    told("model processes at once", str(running), f"<= {MOST_RUNNING}")


def _measure(folder: str, found: Any) -> None:
    async def run() -> None:
        async with hosting(Path(folder)) as (service, _, parking):
            await config(service, "bench")
            for number in range(ENDPOINTS):
                await endpoint(service, f"e{number}")
            while parking.running > MOST_RUNNING:
                await asyncio.sleep(0.1)
            found.put((sum(map(processor.megabytes, processor.tree(os.getpid()))), parking.running))

    asyncio.run(run())

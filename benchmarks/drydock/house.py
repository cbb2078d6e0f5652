"""A hosting service with one trivial model, as the benchmarks use it."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from drydock.alone.surroundings import LoneSurroundings
from drydock.sagemaker.service import HostingService
from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.serving.parking import ParkingLauncher
from examples.packing import pack

TRIVIAL = (
    b"def model_fn(d):\n    return None\n\ndef transform_fn(model, data, content_type, accept):\n    return data\n"
)
ROLE = "arn:aws:iam::000000000000:role/bench"
DATA = "s3://bench/model.tar.gz"


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
async def hosting(folder: Path) -> AsyncIterator[tuple[HostingService, ProcessLauncher, ParkingLauncher]]:
    """Run a service, at 3600 of SageMaker's seconds in one, with what starts containers and what lets them rest."""
    surroundings = LocalFiles(folder)
    launcher = ProcessLauncher(surroundings.fetch, surroundings.log, folder)
    parking = ParkingLauncher(launcher)
    service = HostingService(parking, surroundings, scale=3600.0)
    await service.start()
    try:
        yield service, launcher, parking
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

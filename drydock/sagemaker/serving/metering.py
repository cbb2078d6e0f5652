"""Reports what instances use to CloudWatch: CPUUtilization, MemoryUtilization and DiskUtilization, once a period.

Names, namespace and dimensions are those of SageMaker's developer guide, "Monitor with Amazon CloudWatch".
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping

from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.surroundings import ContainerSpec

NAMESPACE = "/aws/sagemaker/Endpoints"
PERIOD_SECONDS = 60.0

Publish = Callable[[str, str, Iterable[Mapping[str, str]], float, str], None]
"""Records a datapoint: namespace, name, dimension sets, value, unit."""


class Meter:
    """Samples running instances; it rests while there are none.

    Args:
        publish: records datapoints.
        period: real seconds between two samples of an instance.
    """

    def __init__(self, publish: Publish, period: float = PERIOD_SECONDS) -> None:
        self._publish = publish
        self._period = period
        self._watched: dict[ProcessInstance, ContainerSpec] = {}
        self._task: asyncio.Task[None] | None = None

    def watch(self, instance: ProcessInstance, spec: ContainerSpec) -> None:
        """Sample an instance until it has ended."""
        self._watched[instance] = spec
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def sample(self) -> None:
        """Publish one datapoint of each metric for each instance that runs."""
        for instance, spec in list(self._watched.items()):
            usage = await instance.measure()
            if usage is None:
                if not instance.alive:
                    self._watched.pop(instance)
                continue
            dimensions = [{"EndpointName": spec.endpoint, "VariantName": spec.variant}]
            for name, value in (
                ("CPUUtilization", usage.cpu),
                ("MemoryUtilization", usage.memory),
                ("DiskUtilization", usage.disk),
            ):
                self._publish(NAMESPACE, name, dimensions, value, "Percent")

    async def close(self) -> None:
        """End sampling."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._watched:
            await asyncio.sleep(self._period)
            await self.sample()

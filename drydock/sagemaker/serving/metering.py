"""Reports what instances use to CloudWatch: CPUUtilization, MemoryUtilization and DiskUtilization, once a period.

Names, namespace and dimensions are those of SageMaker's developer guide, "Monitor with Amazon CloudWatch" and "Metrics
for multi-container endpoints with direct invocation".
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping

from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.serving.usage import Usage
from drydock.sagemaker.surroundings import ContainerSpec

NAMESPACE = "/aws/sagemaker/Endpoints"
PERIOD_SECONDS = 60.0
_NONE = Usage(0.0, 0.0, 0.0)

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
        """Publish one datapoint of each metric for each instance that runs, and of each of several containers."""
        instances: dict[tuple[str, ...], Usage] = {}
        containers: dict[tuple[str, ...], Usage] = {}
        for process, spec in list(self._watched.items()):
            usage = await process.measure()
            if usage is None:
                if not process.alive:
                    self._watched.pop(process)
                continue
            place = (spec.endpoint, spec.variant, spec.instance_id)
            instances[place] = instances.get(place, _NONE) + usage
            if spec.several:
                containers[*place, spec.hostname] = containers.get((*place, spec.hostname), _NONE) + usage
        for (endpoint, variant, _), usage in instances.items():
            named = {"EndpointName": endpoint, "VariantName": variant}
            self._tell(named, CPUUtilization=usage.cpu, MemoryUtilization=usage.memory, DiskUtilization=usage.disk)
        for (endpoint, variant, _, hostname), usage in containers.items():
            named = {"EndpointName": endpoint, "VariantName": variant, "ContainerName": hostname}
            self._tell(named, CPUUtilization=usage.cpu, MemoryUtilization=usage.memory)

    def _tell(self, dimensions: Mapping[str, str], **metrics: float) -> None:
        for name, value in metrics.items():
            self._publish(NAMESPACE, name, [dimensions], value, "Percent")

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

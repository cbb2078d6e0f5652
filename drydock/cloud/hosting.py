"""The hosting service of the local cloud: put together here, so that neither side knows the other."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from drydock.autoscaling.hosted import HostedFleets
from drydock.autoscaling.remembering import KeptBook
from drydock.autoscaling.service import AutoScalingService
from drydock.cloud.deployment import WARM
from drydock.ministack import permissions
from drydock.ministack.environment import HOSTING_STATE, REGION, Options
from drydock.ministack.routing import Answer
from drydock.ministack.scaling import MiniStackScaling
from drydock.ministack.surroundings import MiniStackSurroundings
from drydock.sagemaker.service import HostingService
from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.serving.metering import PERIOD_SECONDS, Meter
from drydock.sagemaker.serving.parking import ParkingLauncher
from drydock.sagemaker.surroundings import LaunchError

SHORTEST_PERIOD = 1.0
"""Real seconds between two looks at what instances use, at least: looking costs milliseconds each time."""


class LocalHosting:
    """The hosting service and what scales it, with the process that forks containers started beforehand."""

    def __init__(self, service: HostingService, scaling: AutoScalingService, launcher: ParkingLauncher) -> None:
        """Take the services and the launcher that the first one uses."""
        self.handle_scaling = scaling.handle
        self._service = service
        self._scaling = scaling
        self._launcher = launcher
        self._warming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the services, with the endpoints that were kept."""
        await self._service.start()
        await self._service.revived()
        await self._scaling.start()

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> Answer:
        """Answer a request; one to WARM lets the zygote start and import, so that no container waits for that."""
        if path == WARM:
            self._warming = self._warming or asyncio.create_task(self._warm())
            return 202, {}, b""
        return await self._service.handle(method, path, headers, body, query)

    async def close(self) -> None:
        """End every container."""
        if self._warming:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        await self._scaling.close()
        await self._service.close()

    async def _warm(self) -> None:
        # Whoever launches a container hears of this error again.
        with contextlib.suppress(LaunchError):
            await self._launcher.start()


def make_hosting(options: Options, surroundings: MiniStackSurroundings, temporary: Path) -> LocalHosting:
    """Build the hosting service.

    Args:
        options: the settings of the local cloud.
        surroundings: the rest of the cloud.
        temporary: the folder for models and sockets.
    """
    environment = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    meter = Meter(surroundings.put_metric, max(PERIOD_SECONDS / options.scale, SHORTEST_PERIOD))
    launcher = ParkingLauncher(
        ProcessLauncher(surroundings.fetch, surroundings.log, temporary, environment=environment, meter=meter)
    )
    service = HostingService(
        launcher,
        surroundings,
        scale=options.scale,
        provisioning_seconds=options.provisioning_seconds,
        judge=permissions.judge,
        memory=temporary / HOSTING_STATE if options.keep else None,
    )
    scaling = AutoScalingService(
        HostedFleets(service),
        MiniStackScaling(options.scale),
        tempo=service.state.tempo,
        place=service.state.place,
        judge=permissions.judge,
        around=service.around,
    )
    service.remember("scaling", KeptBook(scaling.desk))
    return LocalHosting(service, scaling, launcher)

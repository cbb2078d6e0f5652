"""Starts the containers of fleets with a serverless variant; a `Launcher` of the surroundings."""

import uuid
from collections.abc import Awaitable
from dataclasses import replace

from drydock.sagemaker.definitions.serverless import startup_seconds
from drydock.sagemaker.fleets.elastic import ElasticInstance
from drydock.sagemaker.memory.model import Fleet
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.surroundings import ContainerSpec, Instance, Launcher


class ElasticLauncher:
    """A `Launcher` for a fleet with a serverless variant.

    Args:
        launcher: starts containers.
        fleet: whose they are.
        state: tempo and rules.
    """

    def __init__(self, launcher: Launcher, fleet: Fleet, state: State) -> None:
        self._launcher = launcher
        self._fleet = fleet
        self._state = state

    async def launch(self, spec: ContainerSpec) -> Instance:
        """Start the containers of a variant; does not wait for /ping.

        Raises:
            LaunchError: one cannot be started.
        """
        variant, tempo = self._fleet.variants[spec.variant], self._state.tempo
        if variant.serverless is None:
            return await self._launcher.launch(spec)

        def start() -> Awaitable[Instance]:
            return self._launcher.launch(replace(spec, instance_id=f"i-{uuid.uuid4().hex[:17]}"))

        startup = max(tempo.real(startup_seconds(variant.definition)), tempo.shortest_startup)
        instance = ElasticInstance(
            variant, start, startup, lambda: tempo.real(self._state.rules.serverless_idle_seconds)
        )
        await instance.begin()
        return instance

    async def close(self) -> None:
        """Stop everything that was started."""
        await self._launcher.close()

"""Carries endpoints through their deployments: looks at the world, lets the state machine move, runs the fleets."""

import asyncio
import contextlib
from collections.abc import Sequence

from drydock.sagemaker.deployment.machine import advance, due
from drydock.sagemaker.deployment.resting import is_restless, rest
from drydock.sagemaker.driving.announcing import Announcer
from drydock.sagemaker.driving.sighting import look
from drydock.sagemaker.faults import Fault, FaultKind, FaultPlan
from drydock.sagemaker.fleets.elastic_launcher import ElasticLauncher
from drydock.sagemaker.fleets.running import RunningFleet
from drydock.sagemaker.memory.model import Deployment, Endpoint, Fleet
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.memory.statuses import Status
from drydock.sagemaker.operations.endpoints import forget
from drydock.sagemaker.surroundings import Launcher, Surroundings

TICK_SECONDS = 0.05
"""How often an endpoint in motion is looked at, in real seconds; nothing ticks while all are at rest."""


class Driver:
    """The one task that moves endpoints.

    Args:
        state: what is moved.
        launcher: starts containers.
        surroundings: alarms are read there, and events go there.
        faults: what is planned to go wrong.
    """

    def __init__(self, state: State, launcher: Launcher, surroundings: Surroundings, faults: FaultPlan) -> None:
        self._state = state
        self._launcher = launcher
        self._surroundings = surroundings
        self._faults = faults
        self._announcer = Announcer(surroundings, faults)
        self._struck: dict[str, tuple[Deployment, list[Fault]]] = {}
        self._running: dict[str, RunningFleet] = {}
        self._retiring: dict[asyncio.Task[None], RunningFleet] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look again now: something was asked for, or an instance has changed."""
        self._wake.set()

    def running(self, fleet: Fleet) -> RunningFleet | None:
        """Give the running side of a fleet; None when it was never started or is going."""
        return self._running.get(fleet.id)

    def revive(self) -> None:
        """Start the fleets of endpoints at rest that were remembered from an earlier life."""
        for endpoint in self._state.at_rest():
            self._start_fleets(endpoint)

    @property
    def reviving(self) -> bool:
        """Whether an endpoint at rest waits for instances that may still come."""
        fleets = (fleet for endpoint in self._state.at_rest() for fleet in endpoint.fleets)
        return any(not (fleet.ready or fleet.failure) for fleet in fleets)

    async def run(self) -> None:
        """Move endpoints until cancelled."""
        while True:
            self._wake.clear()
            for endpoint in list(self._state.endpoints.values()):
                self._move(endpoint)
            self.announce()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):  # wait_for of Python 3.11 can lose a cancellation
                    await self._wake.wait()

    def announce(self) -> None:
        """Put what has happened on the event bus; whatever has happened may set endpoints in motion."""
        if not self._state.outbox:
            return
        self.wake()
        waiting, self._state.outbox = self._state.outbox, []
        self._announcer.announce(waiting)

    async def close(self) -> None:
        """Stop every fleet at once, also those that still drain."""
        self._announcer.close()
        fleets = [*self._running.values(), *self._retiring.values()]
        self._running.clear()
        await asyncio.gather(*(fleet.retire(drain=False) for fleet in fleets))
        await asyncio.gather(*self._retiring)

    def _pause(self) -> float | None:
        moving = [
            endpoint
            for endpoint in self._state.endpoints.values()
            if endpoint.deployment or endpoint.status is Status.DELETING or is_restless(endpoint)
        ]
        if not moving:
            return None
        ends = [end - self._state.now() for end in (due(self._state, endpoint) for endpoint in moving) if end]
        return min([TICK_SECONDS, *(end for end in ends if end > 0)])

    def _move(self, endpoint: Endpoint) -> None:
        if endpoint.status is Status.DELETING:
            self._delete(endpoint)
            return
        if endpoint.deployment is None:
            rest(self._state, endpoint, self._faults)
            return
        faults = self._strike(endpoint, endpoint.deployment)
        self._start_fleets(endpoint)
        while not self._is_stuck(faults) and advance(
            self._state, endpoint, look(endpoint.deployment, faults, self._surroundings, self._state.rules)
        ):
            self._start_fleets(endpoint)
        self._retire_all_but(endpoint, endpoint.fleets)
        if endpoint.deployment is None:
            self._spare(endpoint)

    def _strike(self, endpoint: Endpoint, deployment: Deployment) -> list[Fault]:
        """Give the faults of a deployment: they are drawn once, when it is first seen."""
        known = self._struck.get(endpoint.arn)
        if known is None or known[0] is not deployment:
            known = self._struck[endpoint.arn] = deployment, self._faults.strike_deployment(endpoint.name)
            fleet = deployment.green or endpoint.fleet
            if fleet and fleet.id in self._running:
                self._running[fleet.id].faults = known[1]
        return known[1]

    def _spare(self, endpoint: Endpoint) -> None:
        """End the faults of a deployment with it: an instance that is replaced later is not struck."""
        self._struck.pop(endpoint.arn, None)
        for fleet in endpoint.fleets:
            self._running[fleet.id].faults = ()

    def _delete(self, endpoint: Endpoint) -> None:
        self._struck.pop(endpoint.arn, None)
        self._retire_all_but(endpoint, [], drain=False)
        if all(fleet.endpoint != endpoint.name for fleet in self._retiring.values()):
            forget(self._state, endpoint)

    def _start_fleets(self, endpoint: Endpoint) -> None:
        for fleet in endpoint.fleets:
            if fleet.id not in self._running:
                new = fleet is endpoint.green and endpoint.arn in self._struck
                faults = self._struck[endpoint.arn][1] if new else ()
                launcher = ElasticLauncher(self._launcher, fleet, self._state) if fleet.serverless else self._launcher
                self._running[fleet.id] = RunningFleet(
                    endpoint.name, fleet, launcher, self._state.tempo, faults, self.wake
                )
            self._running[fleet.id].adapt()

    def _retire_all_but(self, endpoint: Endpoint, kept: Sequence[Fleet], *, drain: bool = True) -> None:
        ids = {fleet.id for fleet in kept}
        for fleet_id, running in list(self._running.items()):
            if running.endpoint == endpoint.name and fleet_id not in ids:
                self._retire(fleet_id, drain=drain)

    def _retire(self, fleet_id: str, *, drain: bool) -> None:
        running = self._running.pop(fleet_id)
        task = asyncio.create_task(running.retire(drain=drain))
        self._retiring[task] = running
        task.add_done_callback(self._retired)

    def _retired(self, task: asyncio.Task[None]) -> None:
        del self._retiring[task]
        self.wake()

    def _is_stuck(self, faults: Sequence[Fault]) -> bool:
        return any(fault.kind is FaultKind.STUCK and self._faults.planned(fault) for fault in faults)

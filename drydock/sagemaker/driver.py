"""Carries endpoints through their deployments: looks at the world, lets the state machine move, runs the fleets."""

import asyncio
import contextlib
from collections.abc import Sequence

from drydock.sagemaker.deployment import Sight, advance, due
from drydock.sagemaker.endpoints import forget
from drydock.sagemaker.faults import FaultKind, FaultPlan
from drydock.sagemaker.model import Deployment, Endpoint, Fleet, Phase, Status
from drydock.sagemaker.running import RunningFleet
from drydock.sagemaker.state import State
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
        self._running: dict[str, RunningFleet] = {}
        self._retiring: dict[asyncio.Task[None], RunningFleet] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look again now: something was asked for, or an instance has changed."""
        self._wake.set()

    def running(self, fleet: Fleet) -> RunningFleet | None:
        """Give the running side of a fleet; None when it was never started or is going."""
        return self._running.get(fleet.id)

    async def run(self) -> None:
        """Move endpoints until cancelled."""
        while True:
            self._wake.clear()
            for endpoint in list(self._state.endpoints.values()):
                self._move(endpoint)
            self.announce()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pause())

    def announce(self) -> None:
        """Put what has happened on the event bus; whatever has happened may set endpoints in motion."""
        if not self._state.outbox:
            return
        self.wake()
        waiting, self._state.outbox = self._state.outbox, []
        for event in waiting:
            self._surroundings.publish_event(event.detail_type, event.resources, event.detail)

    async def close(self) -> None:
        """Stop every fleet at once, also those that still drain."""
        fleets = [*self._running.values(), *self._retiring.values()]
        self._running.clear()
        await asyncio.gather(*(fleet.retire(drain=False) for fleet in fleets))
        await asyncio.gather(*self._retiring)

    def _pause(self) -> float | None:
        moving = [
            endpoint
            for endpoint in self._state.endpoints.values()
            if endpoint.deployment or endpoint.status is Status.DELETING
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
            return
        self._start_fleets(endpoint)
        while not self._is_stuck(endpoint) and advance(self._state, endpoint, self._sight(endpoint.deployment)):
            self._start_fleets(endpoint)
        self._retire_all_but(endpoint, _fleets(endpoint))

    def _delete(self, endpoint: Endpoint) -> None:
        self._retire_all_but(endpoint, [], drain=False)
        if all(fleet.endpoint != endpoint.name for fleet in self._retiring.values()):
            forget(self._state, endpoint)

    def _start_fleets(self, endpoint: Endpoint) -> None:
        for fleet in _fleets(endpoint):
            if fleet.id not in self._running:
                faults = self._faults.strike_deployment(endpoint.name)
                self._running[fleet.id] = RunningFleet(
                    endpoint.name, fleet, self._launcher, self._state.tempo, faults, self.wake
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

    def _is_stuck(self, endpoint: Endpoint) -> bool:
        faults = [fault for fleet in _fleets(endpoint) for fault in self._running[fleet.id].faults]
        return any(fault.kind is FaultKind.STUCK and self._faults.planned(fault) for fault in faults)

    def _sight(self, deployment: Deployment | None) -> Sight:
        if deployment is None or deployment.phase is not Phase.BAKING or deployment.green is None:
            return Sight()
        running = self._running[deployment.green.id]
        silent = any(fault.kind is FaultKind.SILENT_ROLLBACK for fault in running.faults)
        states = self._surroundings.alarm_states(deployment.alarms) if deployment.alarms else {}
        return Sight([name for name in deployment.alarms if states.get(name) == "ALARM"], silent)


def _fleets(endpoint: Endpoint) -> list[Fleet]:
    green = endpoint.deployment.green if endpoint.deployment else None
    return [fleet for fleet in (endpoint.fleet, green) if fleet]

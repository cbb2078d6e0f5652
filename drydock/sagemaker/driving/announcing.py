"""Puts events on the bus; planned faults make it as unreliable as best-effort delivery may be."""

import asyncio
from collections.abc import Iterable

from drydock.sagemaker.faults import FaultKind, FaultPlan
from drydock.sagemaker.memory.state import Event
from drydock.sagemaker.surroundings import Surroundings

_LONGEST_HOLD = 1.0
"""Real seconds that a reordered event waits for the next one, where the fault does not say."""


class Announcer:
    """Publishes events, in order where no fault strikes them.

    Args:
        surroundings: where the bus is.
        faults: what is planned to go wrong.
    """

    def __init__(self, surroundings: Surroundings, faults: FaultPlan) -> None:
        self._surroundings = surroundings
        self._faults = faults
        self._held: list[Event] = []
        self._later: set[asyncio.TimerHandle] = set()

    def announce(self, events: Iterable[Event]) -> None:
        """Publish events; must be called on the event loop."""
        for event in events:
            self._announce_one(event)

    def close(self) -> None:
        """Forget what is delayed or held."""
        for handle in self._later:
            handle.cancel()
        self._later.clear()
        self._held.clear()

    def _announce_one(self, event: Event) -> None:
        name = event.resources[0].rpartition("/")[2] if event.resources else ""
        faults = {fault.kind: fault for fault in self._faults.strike_event(event.detail_type, name)}
        if FaultKind.DROP_EVENT in faults:
            return
        if FaultKind.REORDER_EVENT in faults:
            self._held.append(event)
            self._call_later(faults[FaultKind.REORDER_EVENT].seconds or _LONGEST_HOLD, [])
            return
        times = 2 if FaultKind.DUPLICATE_EVENT in faults else 1
        if FaultKind.DELAY_EVENT in faults:
            self._call_later(faults[FaultKind.DELAY_EVENT].seconds, [event] * times)
            return
        self._publish([event] * times)

    def _publish(self, events: Iterable[Event]) -> None:
        held, self._held = self._held, []
        for event in (*events, *held):
            self._surroundings.publish_event(event.detail_type, event.resources, event.detail)

    def _call_later(self, seconds: float, events: list[Event]) -> None:
        def act() -> None:
            self._later.discard(handle)
            self._publish(events)

        handle = asyncio.get_running_loop().call_later(seconds, act)
        self._later.add(handle)

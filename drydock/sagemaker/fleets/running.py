"""The running side of a fleet: as many instances of each variant as it wants."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from zlib import crc32

from drydock.sagemaker.definitions.serverless import startup_seconds
from drydock.sagemaker.faults import Fault, FaultKind
from drydock.sagemaker.fleets.assembling import assembled, specs_of
from drydock.sagemaker.fleets.slot import Health, Launch, Slot, within
from drydock.sagemaker.memory.model import Fleet, Variant
from drydock.sagemaker.place import Tempo
from drydock.sagemaker.surroundings import ContainerSpec, Instance, Launcher, LaunchError

NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)

HasRoom = Callable[[Slot], bool]
"""Says whether an instance may be given one more request."""


async def _no_capacity(_: ContainerSpec) -> Instance:
    raise LaunchError(NO_CAPACITY)


class RunningFleet:
    """Runs a fleet and writes into it what it sees: instances ready, or why none comes up.

    Args:
        endpoint: the endpoint's name.
        fleet: what is wanted, and where `ready` and `failure` are written.
        launcher: starts containers.
        tempo: how the startup timeout passes here.
        faults: what is planned to go wrong in this deployment.
        changed: called after each change of `ready` or `failure`.
    """

    def __init__(
        self,
        endpoint: str,
        fleet: Fleet,
        launcher: Launcher,
        tempo: Tempo,
        faults: Sequence[Fault],
        changed: Callable[[], None],
    ) -> None:
        self.endpoint = endpoint
        self.faults = faults
        """What strikes instances that are made from now on."""
        self._fleet = fleet
        self._launcher = launcher
        self._tempo = tempo
        self._changed = changed
        self._slots: dict[str, list[Slot]] = {name: [] for name in fleet.variants}
        self._turns = {name: itertools.count() for name in fleet.variants}
        self._tasks: dict[asyncio.Task[None], Slot] = {}
        """Also of slots that are no longer wanted and still drain."""

    def adapt(self) -> None:
        """Start the instances that are missing and let those go that are too many."""
        for variant in self._fleet.variants.values():
            slots = self._slots[variant.name]
            for slot in slots[variant.wanted :]:
                slot.leave(drain=True)
            del slots[variant.wanted :]
            while len(slots) < variant.wanted:
                self._fleet.failure = ""
                slots.append(self._new_slot(variant))
            self._look(variant)

    def pick(self, variant: str, model: str = "", has_room: HasRoom | None = None) -> tuple[Slot, Instance] | None:
        """Choose the next healthy instance of a variant in turn; None when there is none.

        Args:
            variant: its name.
            model: the model of a multi-model container that is asked for; its requests stay with one instance.
            has_room: which instances may be chosen; all of them where nothing is said.
        """
        slots = self._slots[variant]
        turn = crc32(model.encode()) if model else next(self._turns[variant])
        for offset in range(len(slots)):
            slot = slots[(turn + offset) % len(slots)]
            if slot.instance and (has_room is None or has_room(slot)):
                return slot, slot.instance
        return None

    async def retire(self, *, drain: bool) -> None:
        """Stop all instances, after the requests under way or at once."""
        for slot in self._tasks.values():
            slot.leave(drain=drain)
        await asyncio.gather(*self._tasks)

    def _new_slot(self, variant: Variant) -> Slot:
        def report(problem: str) -> None:
            self._look(variant)
            if problem or self._fleet.ready:
                self._fleet.failure = problem
            self._changed()

        startup = max(self._tempo.real(startup_seconds(variant.definition)), self._tempo.shortest_startup)
        kinds = {fault.kind for fault in self.faults}
        launch = _no_capacity if FaultKind.NO_CAPACITY in kinds else self._launcher.launch
        health = Health(startup, self._tempo.ping_seconds, deaf=FaultKind.NEVER_READY in kinds)
        specs = specs_of(self.endpoint, variant)
        slot = Slot(assembled(self._in_time(launch, variant), variant, specs), specs[0], health, report)
        task = asyncio.create_task(slot.keep())
        self._tasks[task] = slot
        task.add_done_callback(self._tasks.pop)
        return slot

    def _in_time(self, launch: Launch, variant: Variant) -> Launch:
        """Bound what a container may take to fetch and unpack its model, where the configuration does."""
        seconds = variant.definition.get("ModelDataDownloadTimeoutInSeconds")
        if seconds is None:
            return launch
        return within(launch, max(self._tempo.real(seconds), self._tempo.shortest_startup))

    def _look(self, variant: Variant) -> None:
        variant.ready = sum(slot.instance is not None for slot in self._slots[variant.name])

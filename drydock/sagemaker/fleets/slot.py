"""One place in a fleet: an instance is started in it, watched, and replaced when it dies."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from drydock.sagemaker.surroundings import ContainerSpec, Instance, LaunchError

Launch = Callable[[ContainerSpec], Awaitable[Instance]]

PING_FAILED = (
    "The {hostname} container for production variant {variant} did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)
TOO_SLOW = (
    'The model data for container "{hostname}" could not be downloaded and extracted from URL "{url}" within '
    "ModelDataDownloadTimeoutInSeconds."
)
PATROL_SECONDS = 1.0
"""How often a serving instance is looked at, in real seconds; one that breaks a request is looked at once."""
RESTART_SECONDS = 0.1
"""Real seconds between the end of a container and its next start."""
_FIRST_PING, _SLOWER, _LAST_PING = 0.005, 1.5, 0.25
_SICK_AFTER = 3
"""Pings in a row that a serving instance may fail; AWS's own number is not known."""


@dataclass(frozen=True)
class Health:
    """How a slot tells a healthy instance from a sick one."""

    startup_seconds: float
    """Real seconds that a new instance has until /ping must answer."""
    ping_seconds: float = 5.0
    """Real seconds between two pings of a serving instance."""
    deaf: bool = False
    """Whether /ping is taken to fail always (a planned fault)."""


@runtime_checkable
class Composed(Protocol):
    """An instance of several containers."""

    @property
    def culprit(self) -> str:
        """The hostname of the first that does not run or did not answer its last ping; empty where all are well."""


class Slot:
    """Keeps one instance of a variant running.

    Args:
        launch: starts a container.
        spec: the container; every start gets an instance id of its own.
        health: how its health is told.
        report: called when readiness changes, with "" or with why the instance cannot come up.
    """

    def __init__(self, launch: Launch, spec: ContainerSpec, health: Health, report: Callable[[str], None]) -> None:
        self._launch = launch
        self._spec = spec
        self._health = health
        self._report = report
        self._instance: Instance | None = None
        self._leaving = False
        self._nudge = asyncio.Event()
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def instance(self) -> Instance | None:
        """The instance, while it may be given requests."""
        return None if self._leaving else self._instance

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        return self._in_flight

    def borrow(self) -> None:
        """Count a request that goes to the instance."""
        self._in_flight += 1
        self._idle.clear()

    def give_back(self, *, broken: bool) -> None:
        """Count a request as answered; one that broke makes the slot look after its instance now."""
        self._in_flight -= 1
        if self._in_flight == 0:
            self._idle.set()
        if broken:
            self._nudge.set()

    def leave(self, *, drain: bool) -> None:
        """Take no more requests and end `keep`: after the requests under way, or at once."""
        self._leaving = True
        if not drain:
            self._idle.set()
        self._nudge.set()

    async def keep(self) -> None:
        """Keep an instance running until `leave`."""
        while not self._leaving:
            try:
                instance = await self._start()
            except LaunchError as error:
                if not self._leaving:
                    self._report(str(error))
                await self._pause(PATROL_SECONDS)
                continue
            if instance is None:
                return
            self._instance = instance
            self._report("")
            await self._watch(instance)
            self._instance = None
            self._report("")
            if self._leaving:
                await self._idle.wait()
            await instance.stop()

    async def _start(self) -> Instance | None:
        """Start containers until one is healthy; None when the slot is left meanwhile.

        Raises:
            LaunchError: none can be started, or none is healthy in time.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._health.startup_seconds
        while not self._leaving:
            spec = replace(self._spec, instance_id=f"i-{uuid.uuid4().hex[:17]}")
            instance = await self._launch(spec)
            if await self._becomes_healthy(instance, deadline):
                return instance
            culprit = instance.culprit if isinstance(instance, Composed) else ""
            await instance.stop()
            if clock() >= deadline:
                raise LaunchError(PING_FAILED.format(hostname=culprit or spec.hostname, variant=spec.variant))
            await self._pause(RESTART_SECONDS)
        return None

    async def _becomes_healthy(self, instance: Instance, deadline: float) -> bool:
        pause = _FIRST_PING
        while instance.alive and not self._leaving:
            if not self._health.deaf and await instance.ping():
                return True
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await self._pause(pause)
            pause = min(pause * _SLOWER, _LAST_PING)
        return False

    async def _watch(self, instance: Instance) -> None:
        """Return when the instance has died or does not answer pings any more, or when the slot is left."""
        clock = asyncio.get_running_loop().time
        next_ping, failed = clock() + self._health.ping_seconds, 0
        while instance.alive and not self._leaving and failed < _SICK_AFTER:
            await self._pause(min(PATROL_SECONDS, self._health.ping_seconds))
            if clock() >= next_ping and instance.alive and not self._leaving:
                failed = 0 if await instance.ping() else failed + 1
                next_ping = clock() + (0.0 if failed else self._health.ping_seconds)

    async def _pause(self, seconds: float) -> None:
        self._nudge.clear()
        if self._leaving:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudge.wait()


def within(launch: Launch, seconds: float) -> Launch:
    """Give what starts containers and gives up on one that cannot be started in time.

    Args:
        launch: starts a container.
        seconds: real seconds (ModelDataDownloadTimeoutInSeconds).
    """

    async def launch_in_time(spec: ContainerSpec) -> Instance:
        try:
            async with asyncio.timeout(seconds):
                return await launch(spec)
        except TimeoutError:
            raise LaunchError(TOO_SLOW.format(hostname=spec.hostname, url=spec.model_data_url)) from None

    return launch_in_time

"""Shadow variants: copies of requests go to them, their answers nowhere.

Source: SageMaker developer guide, "Shadow variants". Inferred: the part that is mirrored is the shadow's weight over
that of the production variant; a request is mirrored on the fleet that it goes to, TargetVariant or not; captures of
the shadow lie under its own name; copies beyond `MOST_UNDER_WAY` are not made.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.driving.driver import Driver
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.runtime.capture import Capturer
from drydock.sagemaker.runtime.measuring import Call, measure
from drydock.sagemaker.runtime.sending import send
from drydock.sagemaker.runtime.traffic import Splitters, Way, shadows
from drydock.sagemaker.surroundings import Surroundings

MOST_UNDER_WAY = 256
"""Copies that may wait for their answers at once, of all endpoints: a shadow that hangs must not eat the memory."""


class Mirror:
    """Sends copies of requests to shadow variants.

    Args:
        driver: the running fleets.
        surroundings: where metrics go.
        capturer: takes what the shadows answer.
        splitters: say whose turn it is.
        timeout_seconds: real seconds that a shadow has for its answer.
    """

    def __init__(
        self,
        driver: Driver,
        surroundings: Surroundings,
        capturer: Capturer,
        splitters: Splitters[bool],
        timeout_seconds: float,
    ) -> None:
        self._driver = driver
        self._surroundings = surroundings
        self._capturer = capturer
        self._splitters = splitters
        self._timeout_seconds = timeout_seconds
        self._under_way: set[asyncio.Task[None]] = set()

    def reflect(self, endpoint: Endpoint, way: Way, request: Mapping[str, Any]) -> None:
        """Let a request be copied, if it is its turn; returns before anything is sent.

        Args:
            endpoint: one that serves.
            way: where the request itself goes.
            request: members of InvokeEndpoint, validated.
        """
        for variant, share in shadows(way):
            splitter = self._splitters.of(endpoint.name, variant.name)
            if splitter.choose({True: share, False: 1.0 - share}) and len(self._under_way) < MOST_UNDER_WAY:
                task = asyncio.create_task(self._send(endpoint.name, Way(way.fleet, variant), request))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _send(self, endpoint: str, way: Way, request: Mapping[str, Any]) -> None:
        began = time.perf_counter()
        running = self._driver.running(way.fleet)
        picked = running.pick(way.variant.name) if running else None
        if picked is None:
            measure(self._surroundings, endpoint, way, Call(0, 0.0, 0.0))
            return
        sent = time.perf_counter()
        answer = await send(picked, request, self._timeout_seconds)
        ended = time.perf_counter()
        measure(self._surroundings, endpoint, way, Call(answer.status, ended - began, ended - sent))
        self._capturer.capture(way.fleet.capture, endpoint, way.variant.name, request, answer)

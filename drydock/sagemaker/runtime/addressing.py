"""Where an invocation goes: its endpoint, a fleet and a variant of it, an instance of that."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from drydock.sagemaker.definitions.serverless import check_room
from drydock.sagemaker.driving.driver import Driver
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.fleets.running import HasRoom
from drydock.sagemaker.fleets.slot import Slot
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.memory.statuses import SERVING
from drydock.sagemaker.rules import BeforeService
from drydock.sagemaker.runtime.async_requests import refuse_asynchronous
from drydock.sagemaker.runtime.demands import check_demands
from drydock.sagemaker.runtime.sessions import Sessions
from drydock.sagemaker.runtime.traffic import Splitters, Way, ways
from drydock.sagemaker.surroundings import Instance

Picked = tuple[Slot, Instance]


class Address(NamedTuple):
    """Where one request goes."""

    endpoint: Endpoint
    way: Way
    picked: Picked | None
    """The instance and the slot that keeps it; None where none is healthy."""


class Addresses:
    """Finds where requests go.

    Args:
        state: the endpoints.
        driver: their running fleets.
    """

    def __init__(self, state: State, driver: Driver) -> None:
        self._state = state
        self._driver = driver
        self._splitters: Splitters[tuple[str, str]] = Splitters(state.endpoints)
        self.sessions = Sessions(state.now)

    def find(self, request: Mapping[str, Any], has_room: HasRoom | None = None) -> Address:
        """Find where a request goes.

        Args:
            request: members of the invocation, validated.
            has_room: for a request that waits in a queue: which instances may be picked.

        Raises:
            ServiceError: ValidationError: there is no such endpoint or variant, or it cannot do what is asked; 413 or
                429 where a serverless variant has no room for it.
        """
        endpoint = self.serving(request["EndpointName"])
        if has_room is None:
            refuse_asynchronous(endpoint)
        session = self.sessions.find(endpoint.name, request)
        way = session.way if session else self._choose(endpoint, request.get("TargetVariant", ""))
        check_demands(endpoint.name, way.variant, request)
        if session:
            return Address(endpoint, way, (session.slot, session.instance))
        running = self._driver.running(way.fleet)
        picked = running.pick(way.variant.name, request.get("TargetModel", ""), has_room) if running else None
        if picked:
            check_room(way.variant, picked[0].in_flight, len(request.get("Body", b"")))
        return Address(endpoint, way, picked)

    def serving(self, name: str) -> Endpoint:
        """Find an endpoint that serves, by its exact name.

        Raises:
            ServiceError: ValidationError, or ServiceUnavailable where the rules want that for one that does not serve.
        """
        endpoint = self._state.endpoints.get(name.lower())
        if endpoint and endpoint.name == name and endpoint.status not in SERVING and self._is_told():
            raise unavailable()
        if endpoint is None or endpoint.name != name or endpoint.status not in SERVING:
            account = self._state.place.account
            raise ServiceError("ValidationError", f"Endpoint {name} of account {account} not found.")
        return endpoint

    def _is_told(self) -> bool:
        return self._state.rules.before_service is BeforeService.UNAVAILABLE

    def _choose(self, endpoint: Endpoint, target_variant: str) -> Way:
        open_ways = ways(endpoint, target_variant)
        if len(open_ways) == 1:
            return open_ways[0][0]
        if not open_ways:
            raise ServiceError("ValidationError", f"Variant {target_variant} not found on endpoint {endpoint.name}.")
        splitter = self._splitters.of(endpoint.name, target_variant)
        by_key = {(way.fleet.id, way.variant.name): way for way, _ in open_ways}
        return by_key[splitter.choose({(way.fleet.id, way.variant.name): share for way, share in open_ways})]


def unavailable() -> ServiceError:
    """Make the error for an endpoint without a healthy instance."""
    return ServiceError("ServiceUnavailable", "The service is temporarily unavailable. Try again.", 503)

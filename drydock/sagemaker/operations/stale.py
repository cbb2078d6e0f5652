"""Eventual consistency on demand: for a while after a create or update, reads answer as before it."""

from typing import Any

from drydock.sagemaker.definitions.variants import variants_of
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.state import CONFIG, ENDPOINT, MODEL, State
from drydock.sagemaker.operations.endpoints import describe_endpoint
from drydock.sagemaker.operations.models_and_configs import describe_config, describe_model
from drydock.sagemaker.operations.table import Operation

_KINDS: dict[str, tuple[str, Operation]] = {
    MODEL: ("ModelName", describe_model),
    CONFIG: ("EndpointConfigName", describe_config),
    ENDPOINT: ("EndpointName", describe_endpoint),
}
_WRITES = {
    "CreateModel": MODEL,
    "CreateEndpointConfig": CONFIG,
    "CreateEndpoint": ENDPOINT,
    "UpdateEndpoint": ENDPOINT,
    "UpdateEndpointWeightsAndCapacities": ENDPOINT,
}
_READS = {"DescribeModel": MODEL, "DescribeEndpointConfig": CONFIG, "DescribeEndpoint": ENDPOINT}


class StaleReads:
    """Remembers how resources looked before they changed.

    Args:
        state: the resources, and the clock.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._old: dict[tuple[str, str], tuple[float, dict[str, Any] | ServiceError]] = {}

    def keep(self, operation: str, request: dict[str, Any], seconds: float) -> None:
        """Remember how the resource looks that an operation is about to write, for some real seconds."""
        kind = _WRITES.get(operation)
        if kind is None:
            return
        member, describe = _KINDS[kind]
        try:
            looks: dict[str, Any] | ServiceError = describe(self._state, request)
        except ServiceError as missing:
            looks = missing
        now = self._state.now()
        self._old = {key: old for key, old in self._old.items() if now < old[0]}
        self._old[kind, request[member].lower()] = (now + seconds, looks)

    def read(self, operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """Give the stale answer of a describe; None when there is none.

        Raises:
            ServiceError: the resource does not seem to exist yet, for a describe or for a create that refers to it.
        """
        if not self._old:
            return None
        for kind, name in _references(operation, request):
            if isinstance(looks := self._looks(kind, name), ServiceError):
                raise looks
        described = _READS.get(operation)
        if described is None:
            return None
        looks = self._looks(described, request[_KINDS[described][0]])
        return looks if isinstance(looks, dict) else None

    def _looks(self, kind: str, name: str) -> dict[str, Any] | ServiceError | None:
        until, looks = self._old.get((kind, name.lower()), (0.0, None))
        if self._state.now() < until:
            return looks
        self._old.pop((kind, name.lower()), None)
        return None


def _references(operation: str, request: dict[str, Any]) -> list[tuple[str, str]]:
    if operation in _READS:
        kind = _READS[operation]
        return [(kind, request[_KINDS[kind][0]])]
    if operation in ("CreateEndpoint", "UpdateEndpoint"):
        return [(CONFIG, request["EndpointConfigName"])]
    if operation == "CreateEndpointConfig":
        return [(MODEL, variant.get("ModelName", "")) for variant in variants_of(request)]
    return []

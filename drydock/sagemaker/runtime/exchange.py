"""What all invocations have in common, however their answers come: addressed, copied, measured, captured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drydock.sagemaker.answers import ContainerAnswer, ContainerStream
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.place import Place
from drydock.sagemaker.runtime.addressing import Address, Addresses, Picked, unavailable
from drydock.sagemaker.runtime.capture import Capturer
from drydock.sagemaker.runtime.measuring import Call, measure, measure_concurrency, measure_parts
from drydock.sagemaker.runtime.mirroring import Mirror
from drydock.sagemaker.runtime.model_errors import model_error
from drydock.sagemaker.surroundings import Surroundings


@dataclass(frozen=True)
class Exchange:
    """Begins invocations and accounts for them."""

    addresses: Addresses
    """Say where a request goes."""
    surroundings: Surroundings
    """Where metrics go."""
    mirror: Mirror
    """Copies requests to shadow variants."""
    capturer: Capturer
    """Takes what is to be captured."""
    place: Place
    """Whose endpoints they are."""

    def begin(self, request: Mapping[str, Any]) -> tuple[Address, Picked]:
        """Find where a request goes, and let it be copied.

        Args:
            request: members of the invocation, validated.

        Raises:
            ServiceError: ValidationError, or ServiceUnavailable.
        """
        address = self.addresses.find(request)
        self.mirror.reflect(address.endpoint, address.way, request)
        if address.picked is None:
            measure(self.surroundings, address.endpoint.name, address.way, Call(0, 0.0, 0.0))
            raise unavailable()
        measure_concurrency(self.surroundings, address.endpoint.name, address.way, address.picked[0].in_flight + 1)
        return address, address.picked

    def measure(self, address: Address, call: Call, answer: ContainerAnswer | ContainerStream) -> None:
        """Publish the metrics of a request and of its parts."""
        measure(self.surroundings, address.endpoint.name, address.way, call)
        measure_parts(self.surroundings, address.endpoint.name, address.way, answer, call.total)

    def capture(self, address: Address, request: Mapping[str, Any], answer: ContainerAnswer) -> None:
        """Let a request and its answer be captured, where the configuration wants it."""
        way = address.way
        self.capturer.capture(way.fleet.capture, address.endpoint.name, way.variant.name, request, answer)

    def failed(self, address: Address, answer: ContainerAnswer, *, timed_out: bool) -> ServiceError:
        """Make the error for an answer that is none of 2xx."""
        return model_error(self.place, address.endpoint.name, address.way.variant, answer, timed_out=timed_out)

    def note_session(
        self, address: Address, request: Mapping[str, Any], answer: ContainerAnswer | ContainerStream
    ) -> None:
        """Remember a session that the model began or ended."""
        if address.picked:
            self.addresses.sessions.note(address.endpoint.name, address.way, address.picked, request, answer)

"""Everything the service knows, and the events that tell of its changes; no running things."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from drydock.sagemaker.errors import duplicate, not_found
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.registry import Registry
from drydock.sagemaker.memory.resources import EndpointConfig, Model
from drydock.sagemaker.memory.statuses import Status
from drydock.sagemaker.place import Place, Tempo
from drydock.sagemaker.rules import Rules
from drydock.sagemaker.surroundings import Now

T = TypeVar("T")

MODEL, CONFIG, ENDPOINT = "model", "endpoint-config", "endpoint"
_WORDS = {MODEL: "model", CONFIG: "endpoint configuration", ENDPOINT: "endpoint"}


@dataclass(frozen=True)
class Event:
    """An event of source aws.sagemaker."""

    detail_type: str
    resources: list[str]
    detail: dict[str, Any]


@dataclass
class State:
    """The resources of one account and region, by their lower-cased names: names differ by more than case."""

    place: Place = field(default_factory=Place)
    now: Now = time.time
    tempo: Tempo = field(default_factory=Tempo)
    rules: Rules = field(default_factory=Rules)
    models: dict[str, Model] = field(default_factory=dict)
    configs: dict[str, EndpointConfig] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    registry: Registry = field(default_factory=Registry)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """By ARN."""
    scaled: dict[tuple[str, str], str] = field(default_factory=dict)
    """What Application Auto Scaling scales: (endpoint in lower case, variant) → ARN of its scalable target."""
    outbox: list[Event] = field(default_factory=list)
    """Events that have happened and wait to be published, in order."""
    fleet_numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def model(self, name: str) -> Model:
        """Find a model.

        Raises:
            ServiceError: Could not find model "…".
        """
        return self._find(self.models, MODEL, name)

    def config(self, name: str) -> EndpointConfig:
        """Find an endpoint configuration.

        Raises:
            ServiceError: Could not find endpoint configuration "…".
        """
        return self._find(self.configs, CONFIG, name)

    def endpoint(self, name: str) -> Endpoint:
        """Find an endpoint.

        Raises:
            ServiceError: Could not find endpoint "…".
        """
        return self._find(self.endpoints, ENDPOINT, name)

    def at_rest(self) -> list[Endpoint]:
        """Give the endpoints that nothing moves."""
        still = (endpoint for endpoint in self.endpoints.values() if endpoint.deployment is None)
        return [endpoint for endpoint in still if endpoint.status is not Status.DELETING]

    def new_arn(self, kind: str, name: str, taken: Mapping[str, Any]) -> str:
        """Give the ARN of a resource about to be made.

        Raises:
            ServiceError: the name is taken, whatever its case.
        """
        arn = self.place.arn(kind, name)
        if name.lower() in taken:
            raise duplicate(_WORDS[kind], arn)
        return arn

    def tag(self, arn: str, tags: list[dict[str, str]]) -> None:
        """Add tags to a resource, replacing those with the same keys."""
        self.tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})

    def _find(self, among: Mapping[str, T], kind: str, name: str) -> T:
        found = among.get(name.lower())
        if found is None:
            raise not_found(_WORDS[kind], self.place.arn(kind, name))
        return found

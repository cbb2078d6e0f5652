"""Models and endpoint configurations: what never changes once it is made; plain data."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Model:
    """A model; `definition` is the request of CreateModel without its tags."""

    name: str
    arn: str
    created: float
    definition: dict[str, Any]
    marketplace: bool = False
    """Whether it comes from a package of AWS Marketplace."""


@dataclass
class EndpointConfig:
    """An endpoint configuration; `definition` is the request of CreateEndpointConfig without its tags."""

    name: str
    arn: str
    created: float
    definition: dict[str, Any]

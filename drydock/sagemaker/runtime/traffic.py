"""Which fleet and variant a request goes to; pure."""

from collections.abc import Container, Hashable, Mapping
from typing import Generic, NamedTuple, TypeVar

from drydock.sagemaker.memory.model import Endpoint, Fleet, Variant

K = TypeVar("K", bound=Hashable)


class Way(NamedTuple):
    """Where a request may go."""

    fleet: Fleet
    variant: Variant


def ways(endpoint: Endpoint, target_variant: str = "") -> list[tuple[Way, float]]:
    """List where requests of an endpoint may go, each with its part of the traffic.

    Args:
        endpoint: one that serves.
        target_variant: overrides the weights; it does not choose between the old and the new fleet.

    Returns:
        Ways and their shares, only those above 0; empty when there is no such variant or all weights are 0.
    """
    found = []
    for fleet, share in fleet_shares(endpoint):
        variants = [variant for variant in fleet.production if target_variant in ("", variant.name)]
        weights = [1.0 if target_variant else variant.weight for variant in variants]
        total = sum(weights)
        found += [
            (Way(fleet, variant), share * weight / total)
            for variant, weight in zip(variants, weights, strict=True)
            if share and weight
        ]
    return found


def shadows(way: Way) -> list[tuple[Variant, float]]:
    """List the shadow variants that a request is copied to, each with the part of the requests that it gets.

    The part is the shadow's weight over that of the production variant, 1 at most: equal weights mirror everything.

    Args:
        way: where the request goes.
    """
    weight = way.variant.weight
    shadows = (variant for variant in way.fleet.variants.values() if variant.shadow)
    return [(shadow, min(1.0, shadow.weight / weight) if weight else 0.0) for shadow in shadows]


def fleet_shares(endpoint: Endpoint) -> list[tuple[Fleet, float]]:
    """Split the traffic between the old and the new fleet, and what a failed rollback may have left of a third."""
    green = endpoint.green
    share = endpoint.deployment.share if endpoint.deployment and green else 0.0
    aside = (1.0 - share) * endpoint.stray_share if endpoint.stray else 0.0
    parts = [(endpoint.fleet, round(1.0 - share - aside, 9)), (endpoint.stray, round(aside, 9)), (green, share)]
    return [(fleet, part) for fleet, part in parts if fleet and (part > 0 or fleet is endpoint.fleet)]


class Splitter(Generic[K]):
    """Deals out choices in exact proportion to their shares (smooth weighted round robin)."""

    def __init__(self) -> None:
        self._credits: dict[K, float] = {}

    def choose(self, shares: Mapping[K, float]) -> K:
        """Choose one of `shares`, which must not be empty; those no longer offered are forgotten."""
        total = sum(shares.values())
        self._credits = {key: self._credits.get(key, 0.0) + share for key, share in shares.items()}
        chosen = max(self._credits, key=self._credits.__getitem__)
        self._credits[chosen] -= total
        return chosen


class Splitters(Generic[K]):
    """A splitter for each endpoint and aspect of it, as long as the endpoint is there.

    Args:
        endpoints: the endpoints by their lower-cased names.
    """

    def __init__(self, endpoints: Container[str]) -> None:
        self._endpoints = endpoints
        self._splitters: dict[tuple[str, str], Splitter[K]] = {}

    def __len__(self) -> int:
        return len(self._splitters)

    def of(self, endpoint: str, aspect: str) -> Splitter[K]:
        """Give the splitter of an endpoint for something, such as the variant that is asked for."""
        found = self._splitters.get((endpoint, aspect))
        if found is None:
            for key in [key for key in self._splitters if key[0].lower() not in self._endpoints]:
                del self._splitters[key]
            found = self._splitters[endpoint, aspect] = Splitter()
        return found

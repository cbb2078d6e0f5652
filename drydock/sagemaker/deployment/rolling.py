"""Rolling deployments: how many instances of each fleet run after each batch, forwards and back; pure.

Source: SageMaker developer guide, rolling deployments: a batch is provisioned, takes its part of the traffic and bakes;
only then as many old instances go. The way back brings RollbackMaximumBatchSize old instances at a time, or all.
"""

import math
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.memory.model import Deployment, Endpoint, Fleet, Step

WAIT = "WaitIntervalInSeconds"
_SMALLEST = 1e-9


def batch_share(size: Mapping[str, Any] | None, capacity: int) -> float:
    """Give the part of a fleet that one batch replaces, 0 to 1: at least one instance.

    Args:
        size: CapacitySize; None for the whole fleet.
        capacity: instances of the fleet.
    """
    if size is None or capacity == 0:
        return 1.0
    count = size["Value"] if size["Type"] == "INSTANCE_COUNT" else math.floor(capacity * size["Value"] / 100)
    return float(min(1.0, max(1, count) / capacity))


def plan_batches(policy: Mapping[str, Any], capacity: int) -> tuple[Step, ...]:
    """Turn a RollingUpdatePolicy into shifts of traffic, each with a bake.

    Args:
        policy: the RollingUpdatePolicy.
        capacity: instances of the new fleet.
    """
    share = batch_share(policy["MaximumBatchSize"], capacity)
    wait = float(policy[WAIT])
    number = math.ceil(1 / share - _SMALLEST)
    return tuple(Step(min(1.0, index * share), wait, WAIT) for index in range(1, number + 1))


def order_batch(deployment: Deployment) -> None:
    """Order the new instances of the present step."""
    step = deployment.steps[deployment.step]
    for variant in deployment.green.variants.values() if deployment.green else ():
        variant.order = portion(variant.count, step.share)


def let_batch_go(endpoint: Endpoint, deployment: Deployment) -> None:
    """Order only as many old instances as their part of the traffic needs."""
    for variant in endpoint.fleet.variants.values() if endpoint.fleet else ():
        variant.order = min(variant.wanted, portion(variant.count, 1.0 - deployment.share))


def order_old_batch(blue: Fleet, share: float) -> None:
    """Order the next batch of old instances back."""
    for variant in blue.variants.values():
        if variant.wanted < variant.count:
            variant.order = min(variant.count, variant.wanted + portion(variant.count, share))


def is_whole(blue: Fleet) -> bool:
    """Whether every instance of the old fleet is ordered again."""
    return all(variant.wanted == variant.count for variant in blue.variants.values())


def give_back(deployment: Deployment, blue: Fleet) -> None:
    """Give the old instances that are back their part of the traffic, and let as many new ones go."""
    back = min((variant.wanted / variant.count for variant in blue.variants.values() if variant.count), default=1.0)
    deployment.share = max(0.0, min(deployment.share, 1.0 - back))
    for variant in deployment.green.variants.values() if deployment.green else ():
        variant.order = min(variant.wanted, portion(variant.count, deployment.share))


def make_whole(fleet: Fleet | None) -> None:
    """End a deployment of a fleet: from now on it runs what it desires."""
    for variant in fleet.variants.values() if fleet else ():
        variant.order = None


def strand(endpoint: Endpoint, deployment: Deployment) -> None:
    """Leave both fleets as they are: part of the old one, part of the new one, each with its traffic."""
    for variant in endpoint.fleet.variants.values() if endpoint.fleet else ():
        variant.order = portion(variant.count, 1.0 - deployment.share)
    for variant in deployment.green.variants.values() if deployment.green else ():
        variant.order = portion(variant.count, deployment.share)
    endpoint.stray, endpoint.stray_share = deployment.green, deployment.share


def portion(count: int, share: float) -> int:
    """Count the instances that a share of a fleet needs: a share above 0 needs one at least."""
    return math.ceil(count * share - _SMALLEST)

"""How traffic reaches the new fleet: how large each part is, how long the parts bake, how long all of it may take.

Sizes and limits: SageMaker developer guide, deployment guardrails (canary, linear and rolling traffic shifting).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from slipway.release.spec import Rollout

LIMITS = {"canary": (0, 50), "linear": (10, 50), "rolling": (5, 50)}
"""Percent of the fleet that a canary, a step or a batch may be, both ends included."""

PROVISIONING_SECONDS = 600
"""What a fleet, or one batch of a rolling deployment, needs to come up, as allowed for in a deployment's timeout."""

USUAL_TIMEOUT_SECONDS = 3600
LONGEST_TIMEOUT_SECONDS = 28_800
"""MaximumExecutionTimeoutInSeconds takes 600 to 28800 (API_BlueGreenUpdatePolicy)."""


@dataclass(frozen=True)
class Plan:
    """What a spec's `rollout` comes to for a fleet of this many instances."""

    rollout: Rollout
    instances: int
    whose: str = ""
    """Of which of several variants it is, as a sentence goes on with it."""

    @property
    def is_gradual(self) -> bool:
        """Whether the new fleet ever has a part of the traffic only."""
        return self.rollout.strategy != "all_at_once"

    @property
    def size(self) -> dict[str, Any]:
        """The canary, step or batch as SageMaker's CapacitySize; the smallest useful one where the spec names none."""
        rollout = self.rollout
        if rollout.step_percent is not None:
            return {"Type": "CAPACITY_PERCENT", "Value": rollout.step_percent}
        usual = 1 if rollout.strategy == "canary" else max(1, self.instances // 4)
        return {"Type": "INSTANCE_COUNT", "Value": rollout.step_instances or usual}

    @property
    def percent(self) -> float:
        """The canary, step or batch in percent of the fleet."""
        size = self.size
        return float(size["Value"] if size["Type"] == "CAPACITY_PERCENT" else 100 * size["Value"] / self.instances)

    @property
    def share(self) -> float:
        """The smallest part of the traffic, 0 to 1, that the new fleet has while it bakes."""
        return self.percent / 100 if self.is_gradual else 1.0

    @property
    def steps(self) -> int:
        """How many parts the traffic moves in."""
        if self.rollout.strategy == "canary":
            return 2
        return math.ceil(1 / self.share - 1e-9)

    @property
    def final_seconds(self) -> int:
        """How long the new fleet bakes with all traffic; a rolling deployment waits as after any other batch."""
        return self.rollout.wait_seconds if self.rollout.strategy == "rolling" else self.rollout.bake_seconds

    @property
    def baking_seconds(self) -> int:
        """How long all bakes take together."""
        return (self.steps - 1) * self.rollout.wait_seconds + self.final_seconds

    @property
    def needed_seconds(self) -> int:
        """How long the deployment takes when all goes well, bringing instances up included."""
        fleets = self.steps if self.rollout.strategy == "rolling" else 1
        return self.baking_seconds + fleets * PROVISIONING_SECONDS

    @property
    def timeout_seconds(self) -> int:
        """How long the deployment may take: as the spec says, else what it needs and at least an hour."""
        usual = min(LONGEST_TIMEOUT_SECONDS, max(USUAL_TIMEOUT_SECONDS, self.needed_seconds))
        return self.rollout.timeout_seconds or usual

    @property
    def shortest_bake(self) -> tuple[str, int]:
        """Key of the spec and seconds of the shortest bake: the least time that an alarm has to ring."""
        bakes = {"bake_seconds": self.rollout.bake_seconds, "wait_seconds": self.rollout.wait_seconds}
        if self.rollout.strategy == "all_at_once":
            del bakes["wait_seconds"]
        elif self.rollout.strategy == "rolling":
            del bakes["bake_seconds"]
        key = min(bakes, key=lambda name: bakes[name])
        return key, bakes[key]


def sized(rollout: Rollout, fleets: Sequence[int]) -> Rollout:
    """Name the size of a step where the spec names none and several fleets share it: what fits the smallest of them."""
    if len(fleets) == 1 or rollout.step_percent is not None or rollout.step_instances is not None:
        return rollout
    return replace(rollout, step_instances=Plan(rollout, min(fleets)).size["Value"])


def plan_for(rollout: Rollout, fleets: Sequence[int]) -> Plan:
    """Give the one plan of a deployment: the largest fleet has the smallest part of its traffic, and takes longest.

    Args:
        rollout: as the spec wants it.
        fleets: instances of each variant.
    """
    return Plan(sized(rollout, fleets), max(fleets))

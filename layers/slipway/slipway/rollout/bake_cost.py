"""What a guarded update costs beyond the fleet that serves anyway: another fleet, or a batch, while it bakes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slipway.rollout.plan import Plan


@dataclass(frozen=True)
class BakeCost:
    """Instances that run only because a release is tried, and how long at most."""

    instance_type: str
    """Of several variants with others all of them."""
    instances: int
    seconds: int

    @property
    def instance_hours(self) -> float:
        """What is billed at most; bringing instances up and down comes on top."""
        return round(self.instances * self.seconds / 3600, 2)

    def as_item(self) -> dict[str, Any]:
        """Give it as data."""
        return {
            "instance_type": self.instance_type,
            "instances": self.instances,
            "seconds": self.seconds,
            "instance_hours": self.instance_hours,
        }


def bake_cost(plan: Plan, fleets: Sequence[tuple[str, int]]) -> BakeCost:
    """Reckon what the bakes of a plan cost.

    Both fleets are whole, and billed, while a blue/green deployment bakes; a rolling one, which has one variant, has
    one batch more at a time (developer guide, blue/green and rolling deployments).

    Args:
        plan: of the deployment.
        fleets: instance type and instances of each variant.
    """
    batch = math.ceil(plan.percent * plan.instances / 100 - 1e-9)
    extra = batch if plan.rollout.strategy == "rolling" else sum(instances for _, instances in fleets)
    types = " and ".join(dict.fromkeys(kind for kind, _ in fleets))
    return BakeCost(types, extra, plan.baking_seconds)

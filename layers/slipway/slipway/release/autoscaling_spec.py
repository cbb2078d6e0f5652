"""How a user may ask for an endpoint that follows its traffic, and what is registered for one."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from slipway.release.closed import Closed


@dataclass(frozen=True, kw_only=True)
class Autoscaling(Closed):
    """How many instances the endpoint has, by its traffic (Application Auto Scaling, target tracking)."""

    min_capacity: Annotated[int, Ge(1), Le(100)] = 1
    """Fewest instances (MinCapacity)."""
    max_capacity: Annotated[int, Ge(0), Le(100)] | None = None
    """Most instances (MaxCapacity); 0: what Slipway set up is removed; without it what is registered stays."""
    target_invocations_per_instance: Annotated[float, Ge(0.01)] | None = None
    """Requests a minute that an instance shall get (TargetValue of SageMakerVariantInvocationsPerInstance)."""
    scale_out_cooldown_seconds: Annotated[int, Ge(0), Le(86_400)] = 300
    """How long after instances came before more come (ScaleOutCooldown)."""
    scale_in_cooldown_seconds: Annotated[int, Ge(0), Le(86_400)] = 300
    """How long after instances went before more go (ScaleInCooldown)."""

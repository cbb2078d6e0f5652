"""What scales a variant: plain values that spec, plan and AWS have in common."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scaled:
    """What is registered for a variant."""

    minimum: int
    maximum: int
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name → TargetTrackingScalingPolicyConfiguration; empty for a policy of another kind."""

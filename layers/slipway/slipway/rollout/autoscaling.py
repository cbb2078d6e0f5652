"""What scaling and a release have to do with each other: decided before anything is touched; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slipway.release.autoscaling_spec import Autoscaling
from slipway.release.scaled import Scaled
from slipway.release.verdicts import Finding

POLICY = "slipway-invocations-per-instance"
"""Name of the policy that Slipway puts; by it a target is known to be Slipway's."""

_METRIC = "SageMakerVariantInvocationsPerInstance"
_PLACE = "autoscaling.max_capacity"


@dataclass(frozen=True)
class Fleet:
    """The fleet that serves, and the instance type that the release asks for."""

    instances: int | None
    type_now: str
    type_wanted: str


def tracking(wanted: Autoscaling) -> dict[str, Any]:
    """Build the TargetTrackingScalingPolicyConfiguration that a spec asks for."""
    return {
        "TargetValue": wanted.target_invocations_per_instance,
        "PredefinedMetricSpecification": {"PredefinedMetricType": _METRIC},
        "ScaleOutCooldown": wanted.scale_out_cooldown_seconds,
        "ScaleInCooldown": wanted.scale_in_cooldown_seconds,
    }


def is_others(scaled: Scaled) -> bool:
    """Whether somebody else scales the variant: a target without any policy is nobody's."""
    return bool(scaled.policies) and POLICY not in scaled.policies


def scaling_findings(wanted: Autoscaling, scaled: Scaled | None, fleet: Fleet) -> Iterator[Finding]:
    """Tell why the endpoint cannot be released to, or not be scaled as the spec asks.

    Args:
        wanted: the spec's part.
        scaled: what is registered for the variant now.
        fleet: what serves.
    """
    if scaled is not None and fleet.type_now != fleet.type_wanted:
        what = "The endpoint is registered for scaling, and SageMaker changes no instance type of such a one."
        step = f"Keep {fleet.type_now}, or remove the scaling first: {removal(scaled)}."
        yield Finding("AUTOSCALING_INSTANCE_TYPE", what, step, "serve.instance_type")
    if not wanted.max_capacity:
        return
    if scaled is not None and is_others(scaled):
        what = f"Somebody else scales the endpoint already, by {', '.join(sorted(scaled.policies))}."
        yield Finding("AUTOSCALING_FOREIGN", what, f"Leave `autoscaling` out, or first: {removal(scaled)}.", _PLACE)
    if fleet.instances is not None and fleet.instances > wanted.max_capacity:
        what = f"The endpoint has {fleet.instances} instances, and a release never takes instances from it."
        yield Finding("AUTOSCALING_BELOW_LIVE", what, "Ask for that many, or scale it in first.", _PLACE)


def removal(scaled: Scaled) -> str:
    """Say how the scaling of a variant is ended by whoever set it up."""
    if POLICY in scaled.policies:
        return "a release with `autoscaling: {max_capacity: 0}`"
    return "aws application-autoscaling deregister-scalable-target"


def scaled_item(scaled: Scaled | None) -> dict[str, Any]:
    """Give what is registered its ledger form, to go back to; empty where nothing of Slipway's is."""
    if scaled is None or POLICY not in scaled.policies:
        return {}
    return {"minimum": scaled.minimum, "maximum": scaled.maximum, "tracking": scaled.policies[POLICY]}

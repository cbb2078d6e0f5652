"""How many instances there should be, by policies, their alarms and cool-downs; pure.

Source: Application Auto Scaling user guide, "How target tracking scaling works" and "How step scaling works": out at
once and as far as the most demanding policy says, in only when every target tracking policy agrees.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drydock.autoscaling.model import STEPS, TRACKING, Policy, Target
from drydock.autoscaling.policy_checks import bounds
from drydock.autoscaling.surroundings import AlarmSight
from drydock.autoscaling.tracking import calls_for_more

COOLDOWN_SECONDS = 300.0
"""Of target tracking on SageMaker variants, where the policy says none; steps have none by default."""


@dataclass(frozen=True)
class View:
    """A policy with the alarms that call for it."""

    policy: Policy
    alarms: Sequence[AlarmSight]


@dataclass(frozen=True)
class Proposal:
    """A capacity, and why."""

    capacity: int
    cause: str
    cooldown_seconds: float
    base: int
    """What capacity it was computed from."""


def propose(target: Target, views: Sequence[View], count: int, now: float) -> Proposal | None:
    """Say what capacity a target should get.

    Args:
        target: its limits, cool-downs and what is suspended.
        views: its policies.
        count: the instances it has.
        now: seconds since the epoch.

    Returns:
        None when it has what it should have.
    """
    if count < target.minimum:
        return Proposal(target.minimum, f"minimum capacity was set to {target.minimum}", 0.0, count)
    if count > target.maximum:
        return Proposal(target.maximum, f"maximum capacity was set to {target.maximum}", 0.0, count)
    if now < target.rests_until:
        return None
    return _out(target, views, count, now) or _in(target, views, count, now)


def _out(target: Target, views: Sequence[View], count: int, now: float) -> Proposal | None:
    """While a cool-down lasts, what it added counts as part of what is wanted: only a larger step adds to it."""
    if target.suspended.get("DynamicScalingOutSuspended"):
        return None
    base = target.out_base if now < target.out_until else count
    wanted = [proposal for view in views for proposal in _proposals(view, base)]
    best = max(wanted, key=lambda proposal: proposal.capacity, default=None)
    return _clamped(target, best) if best and min(best.capacity, target.maximum) > count else None


def _in(target: Target, views: Sequence[View], count: int, now: float) -> Proposal | None:
    if target.suspended.get("DynamicScalingInSuspended") or now < target.in_until:
        return None
    wanted = []
    for view in views:
        found = list(_proposals(view, count))
        may_scale_in = view.policy.kind == TRACKING and not view.policy.settings.get("DisableScaleIn")
        if may_scale_in and not any(proposal.capacity < count for proposal in found):
            return None
        wanted += found
    best = max(wanted, key=lambda proposal: proposal.capacity, default=None)
    return _clamped(target, best) if best and max(best.capacity, target.minimum) < count else None


def _clamped(target: Target, proposal: Proposal) -> Proposal:
    capacity = min(max(proposal.capacity, target.minimum), target.maximum)
    return Proposal(capacity, proposal.cause, proposal.cooldown_seconds, proposal.base)


def _proposals(view: View, base: int) -> list[Proposal]:
    found = []
    for alarm in view.alarms:
        if not alarm.ringing or alarm.value is None:
            continue
        capacity = _stepped(view.policy, alarm, base) if view.policy.kind == STEPS else _tracked(view, alarm, base)
        cause = f"monitor alarm {alarm.name} in state ALARM triggered policy {view.policy.name}"
        found.append(Proposal(capacity, cause, _cooldown(view.policy, capacity > base), base))
    return found


def _cooldown(policy: Policy, goes_out: bool) -> float:
    if policy.kind == STEPS:
        return float(policy.settings.get("Cooldown", 0))
    return float(policy.settings.get("ScaleOutCooldown" if goes_out else "ScaleInCooldown", COOLDOWN_SECONDS))


def _tracked(view: View, alarm: AlarmSight, base: int) -> int:
    """In proportion to the metric; an alarm that calls for more never gets fewer, and the other way round."""
    share = (alarm.value or 0.0) / view.policy.settings["TargetValue"]
    wanted: int = math.ceil(round(base * share, 6))
    return max(wanted, base + 1) if calls_for_more(alarm.name) else min(wanted, base)


def _stepped(policy: Policy, alarm: AlarmSight, base: int) -> int:
    distance = (alarm.value or 0.0) - alarm.threshold
    steps = policy.settings["StepAdjustments"]
    step = next((step for step in steps if _holds(*bounds(step), distance)), None)
    if step is None:
        return base
    size = step["ScalingAdjustment"]
    match policy.settings["AdjustmentType"]:
        case "ExactCapacity":
            return int(size)
        case "ChangeInCapacity":
            return base + int(size)
    change = base * size / 100
    whole = math.trunc(change) or math.copysign(1, change)
    least = policy.settings.get("MinAdjustmentMagnitude", 0)
    return base + int(math.copysign(max(abs(whole), least), change)) if change else base


def _holds(low: float, high: float, distance: float) -> bool:
    """Above the threshold the lower bound is inclusive, below it the upper one (API_StepAdjustment)."""
    return low <= distance < high if distance >= 0 else low < distance <= high

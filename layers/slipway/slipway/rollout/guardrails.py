"""SageMaker's deployment guardrails, and what must hold before they are trusted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.release.naming import ALARM_PREFIX
from slipway.release.verdicts import Finding
from slipway.rollout.plan import LIMITS, LONGEST_TIMEOUT_SECONDS, Plan

METRIC_LAG_SECONDS = 120
"""How late a metric may be seen by an alarm; an allowance, AWS states no figure."""

MAX_ALARMS = 10
"""AutoRollbackConfiguration.Alarms takes 1 to 10 (API_AutoRollbackConfig)."""

UNGUARDED_FAMILIES = ("ml.inf1.",)
"""Instances for which SageMaker silently updates all at once and without a bake (developer guide, exclusions)."""

TYPES = {"all_at_once": "ALL_AT_ONCE", "canary": "CANARY", "linear": "LINEAR"}
SIZES = {"canary": "CanarySize", "linear": "LinearStepSize"}


def deployment_config(plan: Plan, alarms: Sequence[str]) -> dict[str, Any]:
    """Build the DeploymentConfig of an update: traffic as planned, with alarms that put it back in every bake."""
    policy = _rolling(plan) if plan.rollout.strategy == "rolling" else _blue_green(plan)
    return {**policy, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}}


def rollback_config(timeout_seconds: int) -> dict[str, Any]:
    """Build the DeploymentConfig of the way back: all at once, no alarm attached, since one of them may be red."""
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": 0,
            "MaximumExecutionTimeoutInSeconds": timeout_seconds,
        }
    }


def rollout_findings(plan: Plan, instance_type: str, detection: Mapping[str, int]) -> list[Finding]:
    """Tell everything for which SageMaker would refuse the deployment, or take it and not guard it.

    Args:
        plan: the rollout as the spec wants it, for the fleet that it comes to.
        instance_type: of the new fleet.
        detection: seconds that each alarm of the release needs to ring, by its name.
    """
    return [*fleet_findings(plan, instance_type), *deployment_findings(plan, detection)]


def fleet_findings(plan: Plan, instance_type: str, where: str = "serve") -> list[Finding]:
    """Tell for which fleet SageMaker would refuse the deployment, or not guard it.

    Args:
        plan: for the fleet of one variant.
        instance_type: of this fleet.
        where: the place of the spec that says how it is served.
    """
    return [*_family_findings(instance_type, where), *_size_findings(plan)]


def deployment_findings(plan: Plan, detection: Mapping[str, int]) -> list[Finding]:
    """Tell what speaks against the deployment as a whole: its bakes, its timeout, its alarms."""
    return [*_bake_findings(plan, detection), *_timeout_findings(plan), *count_findings(detection)]


def needed_seconds(detection: Mapping[str, int]) -> tuple[str, int]:
    """Name the slowest alarm, and say how long a bake or watch must be for it to ring."""
    slowest = max(detection, key=lambda name: detection[name])
    return slowest, detection[slowest] + METRIC_LAG_SECONDS


def rearm_seconds(duration_seconds: int) -> int:
    """Say how long a wait sleeps before it looks for itself: a quarter of what it waits for, 10 s to 300 s."""
    return max(10, min(300, duration_seconds // 4))


def rounds(duration_seconds: int, each_seconds: int) -> int:
    """Count how many such sleeps cover a duration."""
    return -(-duration_seconds // each_seconds)


def _blue_green(plan: Plan) -> dict[str, Any]:
    rollout = plan.rollout
    wait = rollout.wait_seconds if plan.is_gradual else 0
    routing: dict[str, Any] = {"Type": TYPES[rollout.strategy], "WaitIntervalInSeconds": wait}
    if plan.is_gradual:
        routing[SIZES[rollout.strategy]] = plan.size
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": rollout.bake_seconds,
            "MaximumExecutionTimeoutInSeconds": plan.timeout_seconds,
        }
    }


def _rolling(plan: Plan) -> dict[str, Any]:
    return {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": plan.size,
            "WaitIntervalInSeconds": plan.rollout.wait_seconds,
            "MaximumExecutionTimeoutInSeconds": plan.timeout_seconds,
        }
    }


def _family_findings(instance_type: str, where: str) -> Iterator[Finding]:
    if instance_type.startswith(UNGUARDED_FAMILIES):
        message = f"SageMaker guards no deployment on {instance_type}: it would skip the bake without a word."
        yield Finding("INSTANCES_UNGUARDED", message, "Use another instance family.", f"{where}.instance_type")


def _size_findings(plan: Plan) -> Iterator[Finding]:
    rollout = plan.rollout
    if not plan.is_gradual:
        return
    if rollout.step_percent is not None and rollout.step_instances is not None:
        message = "The size of a step is given twice, in percent and in instances."
        yield Finding("STEP_TWICE", message, "Leave one of them out.", "rollout.step_instances")
    if plan.instances == 1:
        message = f"A fleet of 1 instance{plan.whose} cannot be split, so there is no {rollout.strategy} rollout of it."
        step = "Set serve.instance_count to 2 or more, or rollout.strategy to all_at_once."
        yield Finding("FLEET_TOO_SMALL", message, step, "rollout.strategy")
        return
    least, most = LIMITS[rollout.strategy]
    if not least <= plan.percent <= most:
        key = "step_instances" if rollout.step_percent is None else "step_percent"
        message = (
            f"A {rollout.strategy} rollout moves {least} to {most} % of the fleet at a time, not {plan.percent:g} %"
        )
        message = f"{message} of {plan.instances} instances{plan.whose}."
        yield Finding("STEP_OUT_OF_BOUNDS", message, _fitting(plan, least, most), f"rollout.{key}")


def _fitting(plan: Plan, least: int, most: int) -> str:
    low, high = max(1, -(-plan.instances * least // 100)), plan.instances * most // 100
    return f"Set it to {max(1, least)} to {most} percent, which is {low} to {high} instances."


def _bake_findings(plan: Plan, detection: Mapping[str, int]) -> Iterator[Finding]:
    key, shortest = plan.shortest_bake
    slowest, needed = needed_seconds(detection)
    if shortest < needed:
        message = f"A bake of {shortest} s ends before the slowest alarm, {slowest}, can ring ({needed} s)."
        yield Finding("BAKE_TOO_SHORT", message, f"Set it to at least {needed}.", f"rollout.{key}")


def _timeout_findings(plan: Plan) -> Iterator[Finding]:
    if plan.timeout_seconds >= plan.needed_seconds:
        return
    message = f"Bakes of {plan.baking_seconds} s in all would run into the timeout of {plan.timeout_seconds} s."
    step = f"Set it to at least {plan.needed_seconds}."
    if plan.needed_seconds > LONGEST_TIMEOUT_SECONDS:
        step = f"Use larger steps or shorter waits: SageMaker allows {LONGEST_TIMEOUT_SECONDS} s."
    yield Finding("TIMEOUT_TOO_SHORT", message, step, "rollout.timeout_seconds")


def count_findings(detection: Mapping[str, int]) -> Iterator[Finding]:
    """Refuse more alarms than SageMaker takes: Slipway's own, of each variant, and the user's."""
    if len(detection) > MAX_ALARMS:
        own = sum(name.startswith(ALARM_PREFIX) for name in detection)
        message = f"{len(detection)} alarms would guard the deployment, {own} of them Slipway's own"
        step = "Put several of yours into one composite alarm, or leave out a budget of latency."
        yield Finding("TOO_MANY_ALARMS", f"{message}; SageMaker takes {MAX_ALARMS}.", step, "alarms")

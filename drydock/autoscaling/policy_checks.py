"""What a policy's configuration must be beyond its shape; pure."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from drydock.sagemaker.errors import refusal, unsupported

PREDEFINED = "SageMakerVariantInvocationsPerInstance"
"""The one predefined metric that Drydock's endpoints publish."""
_PLAIN = ("MetricName", "Namespace", "Statistic")


def check_tracking(settings: Mapping[str, Any]) -> None:
    """Hold a target tracking configuration to what AWS documents.

    Raises:
        ServiceError: it names no metric or two, or one that is not published here.
    """
    predefined, custom = settings.get("PredefinedMetricSpecification"), settings.get("CustomizedMetricSpecification")
    if (predefined is None) == (custom is None):
        raise refusal("Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be given.")
    if settings["TargetValue"] <= 0:
        raise refusal("TargetValue must be above zero.")
    if any(settings.get(name, 0) < 0 for name in ("ScaleOutCooldown", "ScaleInCooldown")):
        raise refusal("A cooldown cannot be negative.")
    if predefined and predefined["PredefinedMetricType"] != PREDEFINED:
        raise unsupported(f"the metric {predefined['PredefinedMetricType']}")
    if custom is not None and bool(custom.get("Metrics")) == any(name in custom for name in _PLAIN):
        raise refusal("A customized metric is either Metrics, or MetricName, Namespace and Statistic.")
    if custom and not custom.get("Metrics") and not all(name in custom for name in _PLAIN):
        raise refusal("A customized metric needs MetricName, Namespace and Statistic.")


def check_steps(settings: Mapping[str, Any]) -> None:
    """Hold a step scaling configuration to what AWS documents (StepAdjustment, StepScalingPolicyConfiguration).

    Raises:
        ServiceError: steps are missing, overlap, leave a gap, or do not fit the adjustment type.
    """
    steps, kind = settings.get("StepAdjustments"), settings.get("AdjustmentType")
    if not steps or not kind:
        raise refusal("AdjustmentType and at least one StepAdjustment must be given.")
    if "MinAdjustmentMagnitude" in settings and kind != "PercentChangeInCapacity":
        raise refusal("MinAdjustmentMagnitude is for PercentChangeInCapacity only.")
    if kind == "ExactCapacity" and any(step["ScalingAdjustment"] < 0 for step in steps):
        raise refusal("An exact capacity cannot be negative.")
    if settings.get("Cooldown", 0) < 0:
        raise refusal("A cooldown cannot be negative.")
    _check_bounds([bounds(step) for step in steps])


def bounds(step: Mapping[str, Any]) -> tuple[float, float]:
    """Give the interval of a step, in the metric's distance from the alarm's threshold; a missing bound is infinite."""
    return (
        step.get("MetricIntervalLowerBound", float("-inf")),
        step.get("MetricIntervalUpperBound", float("inf")),
    )


def _check_bounds(intervals: list[tuple[float, float]]) -> None:
    if any(low >= high for low, high in intervals):
        raise refusal("The upper bound of a step must be greater than its lower bound.")
    if any(one[1] != other[0] for one, other in pairwise(sorted(intervals))):
        raise refusal("Step adjustments cannot overlap, and there cannot be a gap between them.")

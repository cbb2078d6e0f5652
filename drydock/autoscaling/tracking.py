"""The alarms of a target tracking policy: one that calls for more instances, one that calls for fewer; pure.

Source: what AWS makes (`TargetTracking-…-AlarmHigh-…`, three minutes above the target; `…-AlarmLow-…`, fifteen minutes
below 90 % of it), as the Application Auto Scaling user guide and the alarms of real accounts show them.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from drydock.autoscaling.model import Policy

PERIOD_SECONDS = 60
HIGH_PERIODS, LOW_PERIODS = 3, 15
SLACK = 0.9
"""The part of the target below which there are too many instances."""
_HIGH, _LOW = "AlarmHigh", "AlarmLow"


def metric_of(settings: Mapping[str, Any]) -> Any:
    """Give what a policy tracks."""
    return settings.get("PredefinedMetricSpecification") or settings["CustomizedMetricSpecification"]


def alarm_requests(policy: Policy) -> list[dict[str, Any]]:
    """Give the PutMetricAlarm requests of a policy; the names that its alarms have already are kept."""
    settings = policy.settings
    high = _request(policy, _HIGH, "GreaterThanThreshold", settings["TargetValue"], HIGH_PERIODS)
    if settings.get("DisableScaleIn"):
        return [high]
    return [high, _request(policy, _LOW, "LessThanThreshold", settings["TargetValue"] * SLACK, LOW_PERIODS)]


def calls_for_more(alarm: str) -> bool:
    """Whether an alarm of a target tracking policy calls for more instances, by its name."""
    return f"-{_HIGH}-" in alarm


def _request(policy: Policy, kind: str, comparison: str, threshold: float, periods: int) -> dict[str, Any]:
    known = next((name for name in policy.alarms if f"-{kind}-" in name), None)
    return {
        "AlarmName": known or f"TargetTracking-{policy.key[0]}-{kind}-{uuid.uuid4()}",
        "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.arn}.",
        "ActionsEnabled": True,
        "AlarmActions": [policy.arn],
        "ComparisonOperator": comparison,
        "Threshold": threshold,
        "EvaluationPeriods": periods,
        **_watched(policy),
    }


def _watched(policy: Policy) -> dict[str, Any]:
    custom = policy.settings.get("CustomizedMetricSpecification")
    if custom is None:
        _, endpoint, _, variant = policy.key[0].split("/")
        dimensions = {"EndpointName": endpoint, "VariantName": variant}
        return {
            "Namespace": "AWS/SageMaker",
            "MetricName": "InvocationsPerInstance",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Statistic": "Sum",
            "Period": PERIOD_SECONDS,
        }
    if not custom.get("Metrics"):
        return {**custom, "Dimensions": custom.get("Dimensions", []), "Period": PERIOD_SECONDS}
    return {"Metrics": [_query(query) for query in custom["Metrics"]]}


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    if "MetricStat" not in query:
        return dict(query)
    return {**query, "MetricStat": {**query["MetricStat"], "Period": PERIOD_SECONDS}}

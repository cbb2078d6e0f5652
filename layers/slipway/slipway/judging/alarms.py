"""The alarms made for a release, and what all alarms together say of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.release.naming import VARIANT, VETO_METRIC, VETO_NAMESPACE, alarm_name
from slipway.release.spec import Watch
from slipway.release.verdicts import Finding

Request = dict[str, Any]

PERIOD_SECONDS = 60
VETO_PERIOD_SECONDS = 10


@dataclass(frozen=True)
class Fleet:
    """Whom the metrics are about."""

    endpoint: str
    config: str
    is_update: bool

    @property
    def dimensions(self) -> dict[str, str]:
        """Dimensions of the fleet's metrics: an update's new fleet has its own set, a first release has none yet."""
        dimensions = {"EndpointName": self.endpoint, "VariantName": VARIANT}
        return {**dimensions, "EndpointConfigName": self.config} if self.is_update else dimensions


def error_rate_name(config: str) -> str:
    """Name the alarm on the share of 5xx answers."""
    return alarm_name(config, "5xx")


def veto_name(config: str) -> str:
    """Name the alarm by which Slipway itself puts a deployment back."""
    return alarm_name(config, "veto")


def own_names(config: str) -> list[str]:
    """Name every alarm that Slipway makes for a release."""
    return [error_rate_name(config), veto_name(config)]


def error_rate_alarm(fleet: Fleet, watch: Watch) -> Request:
    """Build the alarm on the share of 5xx answers, which few requests cannot trip.

    No traffic is treated as not breaching, as AWS's guardrails advise: the new fleet has no data until it has traffic.
    """
    return {
        "AlarmName": error_rate_name(fleet.config),
        "AlarmDescription": f"5xx share of {fleet.config} above {watch.error_rate:.0%}; made by Slipway.",
        "ActionsEnabled": False,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": watch.error_rate,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "Metrics": [
            _sum("requests", "Invocations", fleet),
            _sum("errors", "Invocation5XXErrors", fleet),
            {
                "Id": "rate",
                "Expression": f"IF(requests >= {watch.min_requests}, errors / requests, 0)",
                "Label": "share of 5xx answers",
                "ReturnData": True,
            },
        ],
    }


def veto_alarm(fleet: Fleet) -> Request:
    """Build the alarm that rings when a 1 is published and keeps ringing: missing data leaves its state as it is."""
    return {
        "AlarmName": veto_name(fleet.config),
        "AlarmDescription": f"Slipway's veto on the deployment of {fleet.config}; made by Slipway.",
        "ActionsEnabled": False,
        "Namespace": VETO_NAMESPACE,
        "MetricName": VETO_METRIC,
        "Dimensions": [{"Name": "Config", "Value": fleet.config}],
        "Statistic": "Maximum",
        "Period": VETO_PERIOD_SECONDS,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "ignore",
    }


def preflight_findings(names: Sequence[str], states: Mapping[str, str]) -> list[Finding]:
    """Refuse to start under alarms that are missing or ringing already.

    Args:
        names: the user's alarms.
        states: state of each alarm that exists, by name.
    """
    findings = []
    for index, name in enumerate(names):
        where = f"alarms[{index}]"
        if name not in states:
            findings.append(
                Finding(
                    "ALARM_UNKNOWN",
                    f"CloudWatch knows no alarm {name!r} here, so it could not guard the release.",
                    "Create it or correct the name.",
                    where,
                )
            )
        elif states[name] == "ALARM":
            findings.append(
                Finding(
                    "ALARM_RINGING",
                    f"The alarm {name!r} rings already: SageMaker would put any update back at once.",
                    "Wait until it is OK, or leave it out of the spec.",
                    where,
                )
            )
    return findings


def ringing(names: Iterable[str], states: Mapping[str, str], rang: Mapping[str, str]) -> list[str]:
    """Say which alarms speak against the release: those that ring or rang since it began, and those that vanished."""
    reasons = []
    for name in names:
        if name in rang:
            reasons.append(f"the alarm {name} rang: {rang[name]}")
        elif name not in states:
            reasons.append(f"the alarm {name} was deleted during the watch")
        elif states[name] == "ALARM":
            reasons.append(f"the alarm {name} rings")
    return reasons


def _sum(identifier: str, metric: str, fleet: Fleet) -> Request:
    dimensions = [{"Name": name, "Value": value} for name, value in fleet.dimensions.items()]
    stat = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions}
    return {
        "Id": identifier,
        "MetricStat": {"Metric": stat, "Period": PERIOD_SECONDS, "Stat": "Sum"},
        "ReturnData": False,
    }

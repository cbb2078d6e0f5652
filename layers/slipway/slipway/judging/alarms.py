"""The alarms made for a release, as CloudWatch is asked for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slipway.release.naming import VARIANT, VETO_METRIC, VETO_NAMESPACE, alarm_name
from slipway.release.spec import Watch

Request = dict[str, Any]

PERIOD_SECONDS = 60
VETO_PERIOD_SECONDS = 10


@dataclass(frozen=True)
class Fleet:
    """Whom the metrics are about."""

    endpoint: str
    config: str
    is_update: bool
    variant: str = VARIANT
    is_one_of_several: bool = False
    """Whether the endpoint has other variants too."""

    @property
    def dimensions(self) -> dict[str, str]:
        """Dimensions of the fleet's metrics: an update's new fleet has its own set, a first release has none yet."""
        dimensions = {"EndpointName": self.endpoint, "VariantName": self.variant}
        return {**dimensions, "EndpointConfigName": self.config} if self.is_update else dimensions

    @property
    def whose(self) -> str:
        """Say of which of several variants something is told."""
        return f" of the variant {self.variant}" if self.is_one_of_several else ""

    def alarm(self, kind: str) -> str:
        """Name its alarm of a kind; of several variants each has its own."""
        return alarm_name(self.config, kind, self.variant if self.is_one_of_several else "")


def veto_name(config: str) -> str:
    """Name the alarm by which Slipway itself puts a deployment back."""
    return alarm_name(config, "veto")


def own_alarms(watched: Sequence[tuple[Fleet, Watch]]) -> list[Request]:
    """Build every alarm that Slipway makes for a release; the veto is the last.

    Args:
        watched: the fleet of each variant, and what it is held to.
    """
    alarms = [alarm for fleet, watch in watched for alarm in _alarms_of(fleet, watch)]
    return [*alarms, veto_alarm(watched[0][0].config)]


def _alarms_of(fleet: Fleet, watch: Watch) -> list[Request]:
    """Build the alarms of one fleet; one of several has a single one on errors, for SageMaker takes ten in all."""
    budgets = {"p95": watch.latency_p95_ms, "p99": watch.latency_p99_ms}
    latencies = [latency_alarm(fleet, watch, name, budget) for name, budget in budgets.items() if budget is not None]
    if fleet.is_one_of_several:
        return [errors_alarm(fleet, watch), *latencies]
    return [error_rate_alarm(fleet, watch), model_error_alarm(fleet, watch), *latencies]


def detection_seconds(request: Request) -> int:
    """Say how long an alarm of Slipway's needs to ring: its period times its evaluations."""
    periods = [part["MetricStat"]["Period"] for part in request.get("Metrics", []) if "MetricStat" in part]
    return int(request.get("Period") or max(periods)) * int(request["EvaluationPeriods"])


def error_rate_alarm(fleet: Fleet, watch: Watch) -> Request:
    """Build the alarm on the share of 5xx answers, which few requests cannot trip."""
    metrics = [_stat("requests", "Invocations", fleet), _stat("errors", "Invocation5XXErrors", fleet)]
    what = f"share of 5xx answers above {watch.error_rate:.0%}"
    return _guarded(fleet, "5xx", what, watch.error_rate, metrics, _rate("errors", watch))


def model_error_alarm(fleet: Fleet, watch: Watch) -> Request:
    """Build the alarm on requests that the model failed: timeouts and broken connections show nowhere else.

    InvocationModelErrors counts 4xx answers too, and one bad client must not trip an alarm: those are taken off.
    """
    metrics = [
        _stat("requests", "Invocations", fleet),
        _stat("failures", "InvocationModelErrors", fleet),
        _stat("refusals", "Invocation4XXErrors", fleet),
    ]
    what = f"share of requests without an answer above {watch.error_rate:.0%}"
    return _guarded(fleet, "model", what, watch.error_rate, metrics, _rate("(failures - refusals)", watch))


def errors_alarm(fleet: Fleet, watch: Watch) -> Request:
    """Build the alarm on 5xx answers and on requests that the model failed, whichever are more."""
    metrics = [
        _stat("requests", "Invocations", fleet),
        _stat("errors", "Invocation5XXErrors", fleet),
        _stat("failures", "InvocationModelErrors", fleet),
        _stat("refusals", "Invocation4XXErrors", fleet),
        {"Id": "unanswered", "Expression": "failures - refusals", "ReturnData": False},
    ]
    what = f"share of requests with a 5xx answer or none above {watch.error_rate:.0%}"
    return _guarded(fleet, "errors", what, watch.error_rate, metrics, _rate("MAX([errors, unanswered])", watch))


def latency_alarm(fleet: Fleet, watch: Watch, percentile: str, budget_ms: float) -> Request:
    """Build the alarm on a percentile of ModelLatency, which CloudWatch keeps in microseconds.

    Args:
        fleet: whose latency.
        watch: with the requests below which nothing is judged.
        percentile: p95 or p99.
        budget_ms: milliseconds above which it rings.
    """
    metrics = [
        _stat("requests", "Invocations", fleet),
        _stat("latency", "ModelLatency", fleet, percentile),
    ]
    expression = f"IF(requests >= {watch.min_requests}, latency, 0)"
    what = f"{percentile} of the model's latency above {budget_ms:g} ms"
    return _guarded(fleet, percentile, what, budget_ms * 1000, metrics, expression)


def _guarded(fleet: Fleet, kind: str, what: str, threshold: float, metrics: list[Request], expression: str) -> Request:
    """Build an alarm on metric math.

    No traffic is treated as not breaching, as AWS's guardrails advise: the new fleet has no data until it has traffic.
    That silence is never success: the watch counts requests and sends its own.
    """
    judged = {"Id": "judged", "Expression": expression, "Label": what, "ReturnData": True}
    return {
        "AlarmName": fleet.alarm(kind),
        "AlarmDescription": f"{fleet.config}: {what}{fleet.whose}; made by Slipway.",
        "ActionsEnabled": False,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "Metrics": [*metrics, judged],
    }


def _rate(errors: str, watch: Watch) -> str:
    return f"IF(requests >= {watch.min_requests}, {errors} / requests, 0)"


def veto_alarm(config: str) -> Request:
    """Build the alarm that rings when a 1 is published and keeps ringing: missing data leaves its state as it is.

    Args:
        config: whose deployment it puts back.
    """
    return {
        "AlarmName": veto_name(config),
        "AlarmDescription": f"Slipway's veto on the deployment of {config}; made by Slipway.",
        "ActionsEnabled": False,
        "Namespace": VETO_NAMESPACE,
        "MetricName": VETO_METRIC,
        "Dimensions": [{"Name": "Config", "Value": config}],
        "Statistic": "Maximum",
        "Period": VETO_PERIOD_SECONDS,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "ignore",
    }


def _stat(identifier: str, metric: str, fleet: Fleet, statistic: str = "Sum") -> Request:
    dimensions = [{"Name": name, "Value": value} for name, value in fleet.dimensions.items()]
    stat = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions}
    return {
        "Id": identifier,
        "MetricStat": {"Metric": stat, "Period": PERIOD_SECONDS, "Stat": statistic},
        "ReturnData": False,
    }

"""CloudWatch: alarms, their history, and the metric of the veto."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from slipway.aws.refusals import code_of, is_passing, message_of
from slipway.errors import UnreadableError
from slipway.exchanges import AlarmFacts, Creation, Made

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.literals import AlarmTypeType
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDatumTypeDef

    from slipway.exchanges import Item

BATCH = 100
"""Alarm names that one DescribeAlarms or DeleteAlarms takes."""

TYPES: tuple[AlarmTypeType, ...] = ("MetricAlarm", "CompositeAlarm")
"""Without naming both, CloudWatch tells of metric alarms only."""

COUNT_PERIOD_SECONDS = 120
HOUR_SECONDS = 3600
COUNT_DAYS = 2
"""2 days in periods of 120 s are 1,440 datapoints, all that one GetMetricStatistics gives; no watch exceeds 1 day."""


class CloudWatchAlarmBoard:
    """Satisfies `slipway.ports.AlarmBoard`."""

    def __init__(self, client: CloudWatchClient) -> None:
        self._cloudwatch = client

    def describe(self, names: Sequence[str]) -> dict[str, AlarmFacts]:
        """Give the alarms that exist, metric and composite ones, by name."""
        found: dict[str, AlarmFacts] = {}
        for batch in _batches(names):
            pages = self._cloudwatch.get_paginator("describe_alarms").paginate(AlarmNames=batch, AlarmTypes=TYPES)
            for page in pages:
                alarms: list[Any] = [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
                found |= {alarm["AlarmName"]: _facts(alarm) for alarm in alarms}
        return found

    def named(self, prefix: str) -> list[str]:
        """Name the metric alarms whose names begin so, all pages of them."""
        question: Any = {"AlarmNamePrefix": prefix, "AlarmTypes": ["MetricAlarm"]}
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(**question)
        return [alarm["AlarmName"] for page in pages for alarm in page.get("MetricAlarms", [])]

    def rang(self, names: Sequence[str], since: datetime) -> dict[str, str]:
        """Read each alarm's history for the last time that it went to ALARM since then.

        Raises:
            UnreadableError: a line of the history is not what CloudWatch documents.
        """
        reasons = {name: self._last_ring(name, since) for name in names}
        return {name: reason for name, reason in reasons.items() if reason is not None}

    def count(self, namespace: str, metric: str, dimensions: dict[str, str], since: datetime) -> int:
        """Add up a metric over the first two days since then; 0 where there is no data."""
        said = self._cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=_dimensions(dimensions),
            StartTime=since,
            EndTime=since + timedelta(days=COUNT_DAYS),
            Period=COUNT_PERIOD_SECONDS,
            Statistics=["Sum"],
        )
        return round(sum(point["Sum"] for point in said["Datapoints"]))

    def hourly(self, namespace: str, metric: str, dimensions: dict[str, str], since: datetime, of: str) -> list[float]:
        """Give a percentile of a metric for each hour of the first two days since then that has data."""
        said = self._cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=_dimensions(dimensions),
            StartTime=since,
            EndTime=since + timedelta(days=COUNT_DAYS),
            Period=HOUR_SECONDS,
            ExtendedStatistics=[of],
        )
        return [point["ExtendedStatistics"][of] for point in said["Datapoints"] if "ExtendedStatistics" in point]

    def put(self, request: Item) -> None:
        """Create or replace an alarm."""
        self._cloudwatch.put_metric_alarm(**request)

    def delete(self, names: Sequence[str]) -> Creation:
        """Delete alarms; where an unknown name keeps CloudWatch from deleting any, they are deleted one by one."""
        try:
            for batch in _batches(names):
                if not self._delete(batch):
                    for name in batch:
                        self._delete([name])
        except ClientError as error:
            if is_passing(error):
                raise
            return Creation(Made.REFUSED, code_of(error), message_of(error))
        return Creation(Made.CREATED)

    def publish(self, namespace: str, metric: str, dimensions: dict[str, str], value: float) -> None:
        """Publish one datapoint of high resolution, the only kind that an alarm with a period of 10 s reads."""
        datum: MetricDatumTypeDef = {
            "MetricName": metric,
            "Dimensions": _dimensions(dimensions),
            "Value": value,
            "StorageResolution": 1,
        }
        self._cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    def set_state(self, name: str, state: str, reason: str) -> None:
        """Set an alarm's state; CloudWatch changes it again when it next evaluates the alarm to something else."""
        value: Any = state
        self._cloudwatch.set_alarm_state(AlarmName=name, StateValue=value, StateReason=reason)

    def _last_ring(self, name: str, since: datetime) -> str | None:
        pages = self._cloudwatch.get_paginator("describe_alarm_history").paginate(
            AlarmName=name,
            AlarmTypes=TYPES,
            HistoryItemType="StateUpdate",
            StartDate=since.replace(microsecond=0),  # history may be stamped by whole seconds
            ScanBy="TimestampDescending",
        )
        changes = (_new_state(entry.get("HistoryData", "")) for page in pages for entry in page["AlarmHistoryItems"])
        return next((change.get("stateReason", "") for change in changes if change["stateValue"] == "ALARM"), None)

    def _delete(self, names: list[str]) -> bool:
        try:
            self._cloudwatch.delete_alarms(AlarmNames=names)
        except ClientError as error:
            if code_of(error) in ("ResourceNotFound", "ResourceNotFoundException"):
                return False
            raise
        return True


def _facts(alarm: Any) -> AlarmFacts:
    """Read an alarm; of metric math the longest period counts, and a composite alarm has none of its own."""
    periods = [metric["MetricStat"]["Period"] for metric in alarm.get("Metrics", []) if "MetricStat" in metric]
    return AlarmFacts(
        name=alarm["AlarmName"],
        state=alarm["StateValue"],
        reason=alarm.get("StateReason", ""),
        period=alarm.get("Period") or max(periods, default=60),
        evaluation_periods=alarm.get("EvaluationPeriods", 1),
    )


def _new_state(history: str) -> Any:
    try:
        state = json.loads(history)["newState"]
        state["stateValue"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"a state change in an alarm's history that cannot be read: {history[:200]!r}") from error
    return state


def _dimensions(dimensions: dict[str, str]) -> list[DimensionTypeDef]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    return (list(names[start : start + BATCH]) for start in range(0, len(names), BATCH))

"""The alarms of a service that runs alone: only those that scaling makes, on the metrics of its own endpoints."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drydock.autoscaling.surroundings import AlarmSight
from drydock.cloudwatch import alarms
from drydock.cloudwatch.metrics import Sample
from drydock.sagemaker.surroundings import Now

_KEPT = 20_000
"""Samples kept of one metric."""

_Metric = tuple[str, str, tuple[tuple[str, str], ...]]


class LoneAlarms:
    """Implements `drydock.autoscaling.surroundings.Surroundings` without a CloudWatch.

    Args:
        scale: how much faster than AWS time runs here.
        place: whose ARNs its alarms carry: `region:account`.
        publish: takes the events: source, detail-type, detail.
        now: the clock, seconds since the epoch.
    """

    def __init__(
        self, scale: float, place: str, publish: Callable[[str, str, dict[str, Any]], None], now: Now = time.time
    ) -> None:
        self._now = now
        self._scale = scale
        self._place = place
        self._publish = publish
        self._alarms: dict[str, dict[str, Any]] = {}
        self._samples: dict[_Metric, deque[Sample]] = {}

    def document(self) -> list[dict[str, Any]]:
        """Write the alarms with their states; samples are forgotten."""
        return list(self._alarms.values())

    def restore(self, document: list[dict[str, Any]]) -> None:
        """Take over the alarms of an earlier life."""
        self._alarms = {alarm["AlarmName"]: alarm for alarm in document}

    def put_alarm(self, request: Mapping[str, Any]) -> str:
        """Create or replace an alarm; gives its ARN."""
        name = request["AlarmName"]
        state = self._alarms.get(name, {}).get("StateValue", alarms.INSUFFICIENT_DATA)
        self._alarms[name] = {**request, "StateValue": state}
        return f"arn:aws:cloudwatch:{self._place}:alarm:{name}"

    def delete_alarms(self, names: Iterable[str]) -> None:
        """Delete alarms; one that is gone already is deleted."""
        for name in names:
            self._alarms.pop(name, None)

    def alarms_calling(self, action: str) -> list[AlarmSight]:
        """Evaluate the alarms that have this action, and give them."""
        return [self._sight(alarm) for alarm in self._alarms.values() if action in alarm["AlarmActions"]]

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        """Record one datapoint, now, under each of the dimension sets, where an alarm may want it."""
        del unit
        if not self._alarms:
            return
        for dimensions in dimension_sets:
            key = namespace, name, tuple(sorted(dimensions.items()))
            self._samples.setdefault(key, deque(maxlen=_KEPT)).append(Sample.of(self._now(), value))

    def publish_scaling(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Write an event of Application Auto Scaling on a line."""
        self._publish("aws.application-autoscaling", detail_type, detail)

    def _sight(self, alarm: dict[str, Any]) -> AlarmSight:
        judgement = alarms.evaluate(alarm, self._look_up, self._now(), self._scale)
        alarm["StateValue"] = judgement.state
        value = judgement.values[-1] if judgement.values else None
        return AlarmSight(alarm["AlarmName"], judgement.state == alarms.ALARM, float(alarm["Threshold"]), value)

    def _look_up(
        self, namespace: str, name: str, dimensions: Mapping[str, str], start: float, end: float
    ) -> Sequence[Sample]:
        found = self._samples.get((namespace, name, tuple(sorted(dimensions.items()))), ())
        return [sample for sample in found if start < sample.at <= end]

"""CloudWatch in memory: alarms whose state tests set, the history of their states, and datapoints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from slipway.exchanges import AlarmFacts, Creation, Item, Made
from slipway.ports import Clock
from tests.fakes.clock import FakeClock

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Datapoint:
    """One published value."""

    namespace: str
    metric: str
    dimensions: dict[str, str]
    value: float
    at: datetime


class FakeAlarmBoard:
    """Evaluates nothing: an alarm has the state that `set_state`, or a test's `ring`, gave it."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or FakeClock()
        self.requests: dict[str, Item] = {}
        """The alarms that exist: name → PutMetricAlarm request."""
        self.datapoints: list[Datapoint] = []
        self.undeletable = False
        """Whether nobody may delete an alarm."""
        self._facts: dict[str, AlarmFacts] = {}
        self._rang: list[tuple[datetime, str, str]] = []

    def add(self, name: str, state: str = "OK", **request: Any) -> None:
        """Let an alarm of the user's exist."""
        self.put({"AlarmName": name, "EvaluationPeriods": 1, **request})
        self._facts[name] = replace(self._facts[name], state=state)

    def ring(self, name: str, reason: str = "Threshold Crossed") -> None:
        """Let an alarm go to ALARM."""
        self.set_state(name, "ALARM", reason)

    def values(self, metric: str) -> list[float]:
        """Give what was published under a metric's name, in order."""
        return [point.value for point in self.datapoints if point.metric == metric]

    def describe(self, names: Sequence[str]) -> dict[str, AlarmFacts]:
        return {name: self._facts[name] for name in names if name in self._facts}

    def named(self, prefix: str) -> list[str]:
        return [name for name in self._facts if name.startswith(prefix)]

    def rang(self, names: Sequence[str], since: datetime) -> dict[str, str]:
        return {name: reason for at, name, reason in self._rang if name in names and at >= since}

    def count(self, namespace: str, metric: str, dimensions: dict[str, str], since: datetime) -> int:
        wanted = (namespace, metric, dimensions)
        found = [p for p in self.datapoints if (p.namespace, p.metric, p.dimensions) == wanted and p.at >= since]
        return round(sum(point.value for point in found))

    def hourly(self, namespace: str, metric: str, dimensions: dict[str, str], since: datetime, of: str) -> list[float]:
        wanted, percent = (namespace, metric, dimensions), float(of.removeprefix("p"))
        found = [p for p in self.datapoints if (p.namespace, p.metric, p.dimensions) == wanted and p.at >= since]
        hours = {point.at.replace(minute=0, second=0, microsecond=0) for point in found}
        values = [sorted(p.value for p in found if p.at >= hour and p.at < hour + HOUR) for hour in sorted(hours)]
        return [hour[min(len(hour) - 1, int(len(hour) * percent / 100))] for hour in values]

    def put(self, request: Item) -> None:
        name = request["AlarmName"]
        state = self._facts[name].state if name in self._facts else "INSUFFICIENT_DATA"
        periods = [part["MetricStat"]["Period"] for part in request.get("Metrics", []) if "MetricStat" in part]
        period = request.get("Period") or max(periods, default=60)
        self.requests[name] = request
        self._facts[name] = AlarmFacts(name, state, period=period, evaluation_periods=request["EvaluationPeriods"])

    def delete(self, names: Sequence[str]) -> Creation:
        if self.undeletable:
            return Creation(Made.REFUSED, "AccessDenied", "not authorized to perform: cloudwatch:DeleteAlarms")
        for name in names:
            self.requests.pop(name, None)
            self._facts.pop(name, None)
        return Creation(Made.CREATED)

    def publish(self, namespace: str, metric: str, dimensions: dict[str, str], value: float) -> None:
        self.datapoints.append(Datapoint(namespace, metric, dict(dimensions), value, self._clock.now()))

    def set_state(self, name: str, state: str, reason: str) -> None:
        before = self._facts[name]
        self._facts[name] = replace(before, state=state, reason=reason)
        if state == "ALARM" and before.state != "ALARM":
            self._rang.append((self._clock.now(), name, reason))

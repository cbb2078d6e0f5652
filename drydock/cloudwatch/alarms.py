"""Evaluate a CloudWatch metric alarm as CloudWatch does, on any source of datapoints; pure.

An alarm is a mapping in the shape of PutMetricAlarm with `StateValue`. Periods are divided by the time scale and the
newest one ends now: a local alarm should not wait for a full minute of the clock.
How missing data counts: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data".
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from drydock.cloudwatch import metric_math, reasons
from drydock.cloudwatch.metrics import Lookup, Series, is_statistic, series

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"

SHORTEST_WINDOW = 0.1
"""Seconds: no window is shorter after scaling, so that whoever looks as often as this misses no datapoint."""

LOOK_BACK = 2
"""Periods that CloudWatch looks at beyond EvaluationPeriods when datapoints are missing (the guide's examples)."""

_BREACHES: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


class InvalidAlarmError(ValueError):
    """The alarm cannot be evaluated here: an unknown statistic, operator or expression."""


@dataclass(frozen=True)
class Judgement:
    """What one evaluation found."""

    state: str
    """OK, ALARM or INSUFFICIENT_DATA; the alarm's own state when the evaluation does not change it."""
    reason: str
    """Why; the alarm's own reason when the state does not change."""
    values: Sequence[float]
    """The evaluated datapoints, the oldest first."""


def check(alarm: Mapping[str, Any]) -> None:
    """Refuse an alarm that could never be evaluated.

    Raises:
        InvalidAlarmError: with the reason.
    """
    if alarm.get("ComparisonOperator") not in _BREACHES:
        raise InvalidAlarmError(f"ComparisonOperator {alarm.get('ComparisonOperator')} is not supported")
    asked = queries(alarm)
    if sum(query.get("ReturnData", True) for query in asked) != 1:
        raise InvalidAlarmError("Exactly one element of the metrics list should return data.")
    ids = {query["Id"] for query in asked}
    try:
        for query in asked:
            _check_query(query, ids)
        _values(alarm, lambda *_: (), 0.0, 1.0, 1)
    except metric_math.InvalidExpressionError as error:
        raise InvalidAlarmError(str(error)) from error


def _check_query(query: Mapping[str, Any], ids: set[str]) -> None:
    if "MetricStat" in query:
        if not is_statistic(query["MetricStat"]["Stat"]):
            raise InvalidAlarmError(f"Statistic {query['MetricStat']['Stat']} is not supported")
    elif unknown := _parse(query["Expression"]).names - ids:
        raise InvalidAlarmError(f"Error in expression '{query['Id']}': unknown id {', '.join(sorted(unknown))}")


def evaluate(alarm: Mapping[str, Any], lookup: Lookup, now: float, scale: float) -> Judgement:
    """Evaluate an alarm.

    Args:
        alarm: its definition and `StateValue`.
        lookup: where the datapoints are.
        now: the wall clock, seconds since the epoch.
        scale: how much faster than AWS time runs here.

    Returns:
        The state it should have now, and why.
    """
    periods = int(alarm.get("EvaluationPeriods", 1))
    values = _values(alarm, lookup, now, scale, periods + LOOK_BACK)
    known = [value for value in values if value is not None][-periods:]
    missing = periods - len(known)
    state = _state_of_gaps(alarm, values, known, missing) if missing else _state_of_known(alarm, known)
    if state == alarm.get("StateValue"):
        return Judgement(state, str(alarm.get("StateReason", "")), known)
    return Judgement(state, _reason(alarm, known, missing, state, now), known)


def _state_of_known(alarm: Mapping[str, Any], known: Sequence[float]) -> str:
    return ALARM if _count_breaching(alarm, known) >= _needed(alarm) else OK


def _state_of_gaps(alarm: Mapping[str, Any], values: Series, known: Sequence[float], missing: int) -> str:
    kind = alarm.get("TreatMissingData") or "missing"
    breaching = _count_breaching(alarm, known)
    if breaching + missing * (kind == "breaching") >= _needed(alarm):
        return ALARM
    if kind in ("breaching", "notBreaching") or breaching < len(known):
        return OK
    if kind == "ignore" or known:
        return _premature(alarm, values, kind)
    return INSUFFICIENT_DATA


def _premature(alarm: Mapping[str, Any], values: Series, kind: str) -> str:
    """Only breaching datapoints, too few of them: an alarm when the oldest is old enough, else no change."""
    ages = [age for age, value in enumerate(reversed(values), start=1) if value is not None]
    if kind == "missing" and ages and ages[-1] >= _needed(alarm):
        return ALARM
    return str(alarm.get("StateValue", INSUFFICIENT_DATA))


def _reason(alarm: Mapping[str, Any], known: Sequence[float], missing: int, state: str, now: float) -> str:
    if state == INSUFFICIENT_DATA:
        return reasons.insufficient_data(missing)
    if known:
        return reasons.threshold_crossed(_verdict(alarm, known, state), known, now)
    return reasons.nothing_received(missing, alarm.get("TreatMissingData") or "missing")


def _verdict(alarm: Mapping[str, Any], values: Sequence[float], state: str) -> reasons.Verdict:
    breaching = _count_breaching(alarm, values)
    words = _BREACHES[alarm["ComparisonOperator"]][1]
    alarming = state == ALARM
    count = breaching if alarming else len(values) - breaching
    return reasons.Verdict(alarming, count, words, float(alarm["Threshold"]), _needed(alarm))


def _needed(alarm: Mapping[str, Any]) -> int:
    return int(alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods", 1))


def _count_breaching(alarm: Mapping[str, Any], values: Sequence[float]) -> int:
    breaches, _ = _BREACHES[alarm["ComparisonOperator"]]
    return sum(breaches(value, float(alarm["Threshold"])) for value in values)


def queries(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give every alarm the same form: the list of its metric queries (MetricDataQuery)."""
    if alarm.get("Metrics"):
        return list(alarm["Metrics"])
    metric = {key: alarm.get(key) for key in ("Namespace", "MetricName", "Dimensions")}
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    stat = {"Metric": metric, "Period": alarm.get("Period", 60), "Stat": name}
    return [{"Id": "m1", "MetricStat": stat, "ReturnData": True}]


def _values(alarm: Mapping[str, Any], lookup: Lookup, now: float, scale: float, count: int) -> Series:
    asked = {query["Id"]: query for query in queries(alarm)}
    stats = {name: query["MetricStat"] for name, query in asked.items() if "MetricStat" in query}
    window = max(max((int(stat["Period"]) for stat in stats.values()), default=60) / scale, SHORTEST_WINDOW)
    found: dict[str, Series] = {}
    for name, stat in stats.items():
        metric = stat["Metric"]
        dimensions = {pair["Name"]: pair["Value"] for pair in metric.get("Dimensions") or []}
        samples = lookup(metric["Namespace"], metric["MetricName"], dimensions, now - window * count, now)
        found[name] = series(samples, stat["Stat"], now, window, count)
    wanted = next(name for name, query in asked.items() if query.get("ReturnData", True))
    return _resolve(wanted, asked, found, list(stats), count)


def _resolve(
    name: str, asked: Mapping[str, Mapping[str, Any]], found: dict[str, Series], metrics: Sequence[str], count: int
) -> Series:
    """Compute the series of an id after those it refers to; one that refers to itself has no data."""
    if name not in found:
        found[name] = [None] * count
        expression = _parse(asked[name]["Expression"])
        for other in expression.names:
            _resolve(other, asked, found, metrics, count)
        found[name] = expression.evaluate(found, metrics, count)
    return found[name]


@lru_cache(maxsize=512)
def _parse(text: str) -> metric_math.Expression:
    return metric_math.parse(text)

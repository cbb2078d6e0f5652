"""Alarm evaluation: the examples of CloudWatch's guide on missing data, dimensions, percentiles, metric math."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from drydock.cloudwatch import alarms
from drydock.cloudwatch.metrics import Sample, statistic

NOW = 1_800_000_000.0
PERIOD = 60


class Published:
    """A source of datapoints that a test fills."""

    def __init__(self) -> None:
        self.samples: dict[tuple[str, frozenset[tuple[str, str]]], list[Sample]] = {}

    def put(self, name: str, value: float, periods_ago: int = 0, count: float = 1, **dimensions: str) -> None:
        at = NOW - PERIOD * (periods_ago + 0.5)
        self.samples.setdefault((name, frozenset(dimensions.items())), []).append(Sample.of(at, value, count))

    def __call__(
        self, namespace: str, name: str, dimensions: Mapping[str, str], start: float, end: float
    ) -> Sequence[Sample]:
        return [one for one in self.samples.get((name, frozenset(dimensions.items())), []) if start < one.at <= end]


def alarm(**changes: Any) -> dict[str, Any]:
    return {
        "AlarmName": "a",
        "Namespace": "N",
        "MetricName": "m",
        "Statistic": "Maximum",
        "Period": PERIOD,
        "EvaluationPeriods": 3,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "StateValue": "OK",
        **changes,
    }


def datapoints(drawing: str) -> Published:
    """Read the drawing of the guide: the oldest first, X breaches, 0 does not, - is missing."""
    published = Published()
    for age, mark in enumerate(reversed(drawing.split())):
        if mark != "-":
            published.put("m", 1.0 if mark == "X" else 0.0, periods_ago=age)
    return published


RETAINED = "RETAINED"
GUIDE = [
    (3, "0 - X - X", ("OK", "OK", "OK", "OK")),
    (3, "- - - - 0", ("OK", "OK", "OK", "OK")),
    (3, "- - - - -", ("INSUFFICIENT_DATA", RETAINED, "ALARM", "OK")),
    (3, "0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (3, "- - X - -", ("ALARM", RETAINED, "ALARM", "OK")),
    (2, "0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (2, "0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (2, "0 - X - -", ("OK", "OK", "ALARM", "OK")),
    (2, "- - - - 0", ("OK", "OK", "ALARM", "OK")),
    (2, "- - - X -", ("ALARM", RETAINED, "ALARM", "OK")),
]


@pytest.mark.parametrize("current", ["OK", "ALARM"])
@pytest.mark.parametrize(("needed", "drawing", "expected"), GUIDE)
def test_missing_data_counts_as_in_the_examples_of_the_guide(
    needed: int, drawing: str, expected: tuple[str, ...], current: str
) -> None:
    found = tuple(
        alarms.evaluate(
            alarm(DatapointsToAlarm=needed, TreatMissingData=kind, StateValue=current), datapoints(drawing), NOW, 1
        ).state
        for kind in ("missing", "ignore", "breaching", "notBreaching")
    )
    assert found == tuple(current if state == RETAINED else state for state in expected)


def test_only_the_alarms_own_dimensions_count() -> None:
    published = Published()
    published.put("m", 5, Variant="new")
    published.put("m", 0, Variant="old")
    found = {
        variant: alarms.evaluate(
            alarm(EvaluationPeriods=1, Dimensions=[{"Name": "Variant", "Value": variant}]), published, NOW, 1
        ).state
        for variant in ("new", "old")
    }
    assert found == {"new": "ALARM", "old": "OK"}


def test_periods_are_divided_by_the_scale() -> None:
    published = Published()
    published.put("m", 5)
    quick = alarm(EvaluationPeriods=1, TreatMissingData="notBreaching")
    assert alarms.evaluate(quick, published, NOW, 1).state == "ALARM"
    assert alarms.evaluate(quick, published, NOW, 60).state == "OK"


def test_an_alarm_that_keeps_its_state_latches() -> None:
    latched = alarm(EvaluationPeriods=1, TreatMissingData="ignore", StateValue="ALARM", Period=10)
    assert alarms.evaluate(latched, Published(), NOW, 1).state == "ALARM"


@pytest.mark.parametrize(
    ("operator", "value", "state"),
    [
        ("GreaterThanThreshold", 1, "OK"),
        ("GreaterThanThreshold", 1.1, "ALARM"),
        ("LessThanThreshold", 1, "OK"),
        ("LessThanOrEqualToThreshold", 1, "ALARM"),
    ],
)
def test_every_comparison_is_the_one_it_says(operator: str, value: float, state: str) -> None:
    published = Published()
    published.put("m", value)
    judged = alarms.evaluate(alarm(EvaluationPeriods=1, ComparisonOperator=operator), published, NOW, 1)
    assert judged.state == state


def rate(minimum: int) -> dict[str, Any]:
    def stat(name: str) -> dict[str, Any]:
        return {"Metric": {"Namespace": "N", "MetricName": name}, "Period": PERIOD, "Stat": "Sum"}

    return {
        "AlarmName": "rate",
        "Metrics": [
            {"Id": "rate", "Expression": f"IF(calls >= {minimum}, errors / calls, 0)", "ReturnData": True},
            {"Id": "calls", "MetricStat": stat("calls"), "ReturnData": False},
            {"Id": "errors", "MetricStat": stat("errors"), "ReturnData": False},
        ],
        "EvaluationPeriods": 1,
        "Threshold": 0.05,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "StateValue": "OK",
    }


@pytest.mark.parametrize(("calls", "errors", "state"), [(100, 6, "ALARM"), (100, 5, "OK"), (10, 10, "OK")])
def test_a_rate_alarm_needs_enough_requests(calls: int, errors: int, state: str) -> None:
    published = Published()
    published.put("calls", 1, count=calls)
    published.put("errors", 1, count=errors)
    assert alarms.evaluate(rate(20), published, NOW, 1).state == state


def test_the_reason_names_the_datapoint_and_the_threshold() -> None:
    published = Published()
    published.put("m", 5)
    reason = alarms.evaluate(alarm(EvaluationPeriods=1), published, NOW, 1).reason
    assert reason.startswith("Threshold Crossed: 1 out of the last 1 datapoints [5.0 (")
    assert "was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM" in reason


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "ComparisonOperator"),
        ({"Statistic": "tm95"}, "Statistic"),
        ({"Metrics": [{"Id": "e", "Expression": "nowhere + 1"}]}, "nowhere"),
        ({"Metrics": [{"Id": "e", "Expression": "__import__('os')"}]}, "function"),
        ({"Metrics": [{"Id": "e", "Expression": "MAX(1)"}]}, "array"),
        ({"Metrics": [{"Id": "e", "Expression": "1"}, {"Id": "f", "Expression": "2"}]}, "Exactly one"),
    ],
)
def test_an_alarm_that_cannot_be_evaluated_is_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(alarms.InvalidAlarmError, match=word):
        alarms.check(alarm(**changes))


def test_percentiles_interpolate_and_weigh_by_count() -> None:
    samples = [Sample.of(NOW, 10, count=9), Sample.of(NOW, 110)]
    assert statistic(samples, "p50") == 10
    assert statistic(samples, "p95") == pytest.approx(65)
    assert statistic(samples, "p100") == 110


def test_a_statistic_set_has_no_percentile() -> None:
    assert statistic([Sample(NOW, weight=3, total=6, low=1, high=3)], "p90") is None

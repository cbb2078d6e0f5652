"""CloudWatch, where MiniStack alone is falsely green: dimensions, metric math, missing data, events, history."""

import http.client
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError
from ministack_kit import Kit, eventually

pytestmark = pytest.mark.cloud

NAMESPACE = "Test/Alarms"


def put(kit: Kit, metric: str, value: float, **dimensions: str) -> None:
    pairs = [{"Name": name, "Value": one} for name, one in dimensions.items()]
    datum = {"MetricName": metric, "Value": value, "Dimensions": pairs}
    kit.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def alarm(kit: Kit, **changes: Any) -> str:
    name = kit.name("alarm")
    definition: dict[str, Any] = {
        "AlarmName": name,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        **changes,
    }
    if "Metrics" not in changes:
        definition = {"Namespace": NAMESPACE, "Statistic": "Maximum", "Period": 60, **definition}
    kit.client("cloudwatch").put_metric_alarm(**definition)
    return name


def described(kit: Kit, name: str) -> dict[str, Any]:
    return dict(kit.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0])


def wait_for(kit: Kit, name: str, state: str) -> None:
    eventually(lambda: described(kit, name)["StateValue"] == state, 5)


def test_an_alarm_hears_its_own_dimensions_only(kit: Kit) -> None:
    metric = kit.name("metric")
    names = {
        variant: alarm(kit, MetricName=metric, Dimensions=[{"Name": "Variant", "Value": variant}])
        for variant in ("old", "new")
    }
    put(kit, metric, 5, Variant="new")
    put(kit, metric, 0, Variant="old")
    wait_for(kit, names["new"], "ALARM")
    wait_for(kit, names["old"], "OK")


def test_an_alarm_comes_and_goes_with_its_data_and_is_told(kit: Kit) -> None:
    metric = kit.name("metric")
    name = alarm(kit, MetricName=metric, TreatMissingData="notBreaching", Period=30)
    wait_for(kit, name, "OK")
    heard = kit.listen({"source": ["aws.cloudwatch"], "detail": {"alarmName": [name]}})
    began = time.monotonic()
    put(kit, metric, 5)
    wait_for(kit, name, "ALARM")
    assert time.monotonic() - began < 1
    wait_for(kit, name, "OK")
    eventually(lambda: len(heard()) == 2)
    states = [(event["detail"]["previousState"]["value"], event["detail"]["state"]["value"]) for event in heard()]
    assert states == [("OK", "ALARM"), ("ALARM", "OK")]
    first = heard()[0]
    assert first["detail-type"] == "CloudWatch Alarm State Change"
    assert first["resources"] == [described(kit, name)["AlarmArn"]]
    stat = first["detail"]["configuration"]["metrics"][0]["metricStat"]
    assert (stat["metric"]["name"], stat["stat"], stat["period"]) == (metric, "Maximum", 30)


def test_a_state_that_is_set_is_told_and_kept_by_an_alarm_that_ignores_missing_data(kit: Kit) -> None:
    name = alarm(kit, MetricName=kit.name("metric"), Period=10, TreatMissingData="ignore")
    heard = kit.listen({"source": ["aws.cloudwatch"], "detail": {"alarmName": [name]}})
    kit.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="veto")
    assert eventually(heard)[0]["detail"]["state"]["reason"] == "veto"
    time.sleep(1.3)
    assert described(kit, name)["StateValue"] == "ALARM"


def test_a_state_that_is_set_lasts_until_the_next_evaluation(kit: Kit) -> None:
    name = alarm(kit, MetricName=kit.name("metric"), TreatMissingData="notBreaching")
    wait_for(kit, name, "OK")
    kit.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    time.sleep(0.5)
    assert described(kit, name)["StateValue"] == "ALARM"
    wait_for(kit, name, "OK")


def rate_of_errors(calls: str, errors: str) -> list[dict[str, Any]]:
    def stat(name: str) -> dict[str, Any]:
        return {"Metric": {"Namespace": NAMESPACE, "MetricName": name}, "Period": 60, "Stat": "Sum"}

    return [
        {"Id": "rate", "Expression": "IF(calls >= 3, errors / calls, 0)", "Label": "rate", "ReturnData": True},
        {"Id": "calls", "MetricStat": stat(calls), "ReturnData": False},
        {"Id": "errors", "MetricStat": stat(errors), "ReturnData": False},
    ]


def test_metric_math_is_kept_and_evaluated(kit: Kit) -> None:
    calls, errors = kit.name("calls"), kit.name("errors")
    queries = rate_of_errors(calls, errors)
    name = alarm(kit, Metrics=queries, Threshold=0.5, TreatMissingData="notBreaching")
    found = described(kit, name)
    assert found["Metrics"] == queries
    assert "MetricName" not in found
    for _ in range(2):
        put(kit, calls, 1)
        put(kit, errors, 1)
    wait_for(kit, name, "OK")
    for _ in range(3):
        put(kit, calls, 1)
        put(kit, errors, 1)
    wait_for(kit, name, "ALARM")


def test_metric_math_of_the_query_protocol_is_kept_too(kit: Kit) -> None:
    name = kit.name("alarm")
    form = {
        "Action": "PutMetricAlarm",
        "AlarmName": name,
        "EvaluationPeriods": "1",
        "Threshold": "1",
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics.member.1.Id": "sum",
        "Metrics.member.1.Expression": "calls * 2",
        "Metrics.member.2.Id": "calls",
        "Metrics.member.2.ReturnData": "false",
        "Metrics.member.2.MetricStat.Stat": "Sum",
        "Metrics.member.2.MetricStat.Period": "10",
        "Metrics.member.2.MetricStat.Metric.Namespace": NAMESPACE,
        "Metrics.member.2.MetricStat.Metric.MetricName": "calls",
        "Metrics.member.2.MetricStat.Metric.Dimensions.member.1.Name": "Variant",
        "Metrics.member.2.MetricStat.Metric.Dimensions.member.1.Value": "main",
    }
    connection = http.client.HTTPConnection("127.0.0.1", kit.cloud.port, timeout=5)
    connection.request("POST", "/", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().status == 200
    _, calls = described(kit, name)["Metrics"]
    assert calls["MetricStat"]["Period"] == 10
    assert calls["MetricStat"]["Metric"]["Dimensions"] == [{"Name": "Variant", "Value": "main"}]
    assert calls["ReturnData"] is False


def test_metric_math_that_cannot_be_evaluated_is_refused(kit: Kit) -> None:
    with pytest.raises(ClientError, match="unknown id"):
        alarm(kit, Metrics=[{"Id": "e", "Expression": "nowhere * 2", "ReturnData": True}])


def test_percentiles_raise_alarms(kit: Kit) -> None:
    metric = kit.name("latency")
    definition = {"Namespace": NAMESPACE, "MetricName": metric, "Period": 60, "ExtendedStatistic": "p90"}
    name = kit.name("alarm")
    kit.client("cloudwatch").put_metric_alarm(
        AlarmName=name, Threshold=100, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, **definition
    )
    put(kit, metric, 500)
    wait_for(kit, name, "ALARM")
    assert described(kit, name)["ExtendedStatistic"] == "p90"


def test_the_history_tells_every_change(kit: Kit) -> None:
    name = alarm(kit, MetricName=kit.name("metric"), TreatMissingData="notBreaching")
    wait_for(kit, name, "OK")
    items = kit.client("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in items] == [
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to OK"),
        ("ConfigurationUpdate", f'Alarm "{name}" created'),
    ]


def test_what_is_published_can_be_read(kit: Kit) -> None:
    metric, now = kit.name("metric"), time.time()
    for value in (1, 1, 4):
        put(kit, metric, value, Variant="main")
    found = kit.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=metric,
        Dimensions=[{"Name": "Variant", "Value": "main"}],
        StartTime=now - 600,
        EndTime=now + 600,
        Period=3600,
        Statistics=["Sum", "SampleCount", "Maximum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in found) == 6
    assert sum(point["SampleCount"] for point in found) == 3
    assert max(point["Maximum"] for point in found) == 4

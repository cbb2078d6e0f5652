"""How the CloudWatch adapter asks, page by page and batch by batch, and how it reads what it is told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from slipway.aws.alarm_board import CloudWatchAlarmBoard
from slipway.errors import UnreadableError
from slipway.exchanges import Creation, Made

TYPES = ("MetricAlarm", "CompositeAlarm")
SINCE = datetime(2026, 1, 5, 12, 0, 7, 250_000, tzinfo=UTC)
WHOLE_SECOND = datetime(2026, 1, 5, 12, 0, 7, tzinfo=UTC)
NAMES = [f"alarm-{number}" for number in range(101)]


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client("cloudwatch", region_name="us-east-1")


@pytest.fixture
def cloudwatch(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def board(client: Any) -> CloudWatchAlarmBoard:
    return CloudWatchAlarmBoard(client)


def alarm(name: str, **more: Any) -> dict[str, Any]:
    return {"AlarmName": name, "StateValue": "OK", **more}


def change(state: str, reason: str) -> dict[str, Any]:
    data = {"version": "1.0", "oldState": {"stateValue": "OK"}, "newState": {"stateValue": state}}
    data["newState"] |= {"stateReason": reason}  # type: ignore[operator]
    return {"AlarmName": "alarm", "HistoryItemType": "StateUpdate", "HistoryData": json.dumps(data)}


def asked(**more: Any) -> dict[str, Any]:
    about = {"AlarmName": "alarm", "AlarmTypes": TYPES, "HistoryItemType": "StateUpdate"}
    return {**about, "StartDate": WHOLE_SECOND, "ScanBy": "TimestampDescending", **more}


def test_more_than_100_alarms_are_described_in_batches(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    for batch in (NAMES[:100], NAMES[100:]):
        answer = {"MetricAlarms": [alarm(name) for name in batch]}
        cloudwatch.add_response("describe_alarms", answer, {"AlarmNames": batch, "AlarmTypes": TYPES})
    assert list(board.describe(NAMES)) == NAMES


def test_every_page_of_alarms_is_read(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    question = {"AlarmNames": ["a", "b"], "AlarmTypes": TYPES}
    cloudwatch.add_response("describe_alarms", {"MetricAlarms": [alarm("a")], "NextToken": "more"}, question)
    cloudwatch.add_response("describe_alarms", {"CompositeAlarms": [alarm("b")]}, {**question, "NextToken": "more"})
    assert list(board.describe(["a", "b"])) == ["a", "b"]


def test_an_alarm_on_metric_math_has_the_period_of_its_slowest_metric(
    cloudwatch: Stubber, board: CloudWatchAlarmBoard
) -> None:
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations"}
    stats = [{"Id": f"m{p}", "MetricStat": {"Metric": metric, "Period": p, "Stat": "Sum"}} for p in (60, 300)]
    math = [*stats, {"Id": "rate", "Expression": "m60 / m300"}]
    cloudwatch.add_response("describe_alarms", {"MetricAlarms": [alarm("a", Metrics=math, EvaluationPeriods=3)]})
    facts = board.describe(["a"])["a"]
    assert (facts.period, facts.evaluation_periods) == (300, 3)


def test_the_last_ring_is_found_on_whatever_page(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    first = {"AlarmHistoryItems": [change("OK", "quiet")], "NextToken": "more"}
    rest = {"AlarmHistoryItems": [change("ALARM", "second"), change("OK", "quiet"), change("ALARM", "first")]}
    cloudwatch.add_response("describe_alarm_history", first, asked())
    cloudwatch.add_response("describe_alarm_history", rest, asked(NextToken="more"))
    assert board.rang(["alarm"], SINCE) == {"alarm": "second"}


@pytest.mark.parametrize("data", ["not json", "{}", "[]", '{"newState": {}}', '{"newState": null}', None])
def test_a_history_that_cannot_be_read_raises(
    cloudwatch: Stubber, board: CloudWatchAlarmBoard, data: str | None
) -> None:
    entry = {"AlarmName": "alarm", "HistoryData": data} if data else {"AlarmName": "alarm"}
    cloudwatch.add_response("describe_alarm_history", {"AlarmHistoryItems": [entry]}, asked())
    with pytest.raises(UnreadableError, match="history"):
        board.rang(["alarm"], SINCE)


def test_more_than_100_alarms_are_deleted_in_batches(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    for batch in (NAMES[:100], NAMES[100:]):
        cloudwatch.add_response("delete_alarms", {}, {"AlarmNames": batch})
    board.delete(NAMES)


def test_alarms_are_deleted_one_by_one_when_one_is_unknown(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    cloudwatch.add_client_error("delete_alarms", "ResourceNotFound", expected_params={"AlarmNames": ["a", "b"]})
    cloudwatch.add_client_error("delete_alarms", "ResourceNotFound", expected_params={"AlarmNames": ["a"]})
    cloudwatch.add_response("delete_alarms", {}, {"AlarmNames": ["b"]})
    board.delete(["a", "b"])


def test_an_alarm_that_may_not_be_deleted_is_refused(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    cloudwatch.add_client_error("delete_alarms", "AccessDenied", "not you")
    assert board.delete(["a"]) == Creation(Made.REFUSED, "AccessDenied", "not you")


def test_a_deletion_that_is_throttled_raises(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    cloudwatch.add_client_error("delete_alarms", "Throttling", http_status_code=400)
    with pytest.raises(ClientError, match="Throttling"):
        board.delete(["a"])


def test_a_datapoint_is_of_high_resolution(cloudwatch: Stubber, board: CloudWatchAlarmBoard) -> None:
    datum = {"MetricName": "Veto", "Dimensions": [{"Name": "Config", "Value": "c"}], "Value": 1.0}
    question = {"Namespace": "Slipway/Veto", "MetricData": [{**datum, "StorageResolution": 1}]}
    cloudwatch.add_response("put_metric_data", {}, question)
    board.publish("Slipway/Veto", "Veto", {"Config": "c"}, 1.0)


def test_a_count_asks_for_no_more_datapoints_than_cloudwatch_gives(
    cloudwatch: Stubber, board: CloudWatchAlarmBoard
) -> None:
    question = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "EndpointName", "Value": "churn"}],
        "StartTime": SINCE,
        "EndTime": datetime(2026, 1, 7, 12, 0, 7, 250_000, tzinfo=UTC),
        "Period": 2 * 86_400 // 1_440,
        "Statistics": ["Sum"],
    }
    points = [{"Sum": 4.0}, {"Sum": 3.0}]
    cloudwatch.add_response("get_metric_statistics", {"Datapoints": points}, question)
    assert board.count("AWS/SageMaker", "Invocations", {"EndpointName": "churn"}, SINCE) == 7


def test_a_percentile_is_asked_for_by_the_hour_and_hours_without_one_are_left_out(
    cloudwatch: Stubber, board: CloudWatchAlarmBoard
) -> None:
    since = datetime(2026, 1, 5, 12, tzinfo=UTC)
    asked = {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "StartTime": since}
    asked |= {"Dimensions": [{"Name": "EndpointName", "Value": "churn"}], "EndTime": since + timedelta(days=2)}
    asked |= {"Period": 3600, "ExtendedStatistics": ["p95"]}
    points = [{"Timestamp": since, "ExtendedStatistics": {"p95": 20000.0}}, {"Timestamp": since}]
    cloudwatch.add_response("get_metric_statistics", {"Datapoints": points}, asked)
    assert board.hourly("AWS/SageMaker", "ModelLatency", {"EndpointName": "churn"}, since, "p95") == [20000.0]

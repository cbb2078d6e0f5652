"""Alarms: what the fake, CloudWatch by moto (which evaluates nothing), and CloudWatch by Drydock keep to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from slipway.aws.alarm_board import CloudWatchAlarmBoard
from slipway.aws.clock import SystemClock
from slipway.exchanges import Item
from slipway.ports import AlarmBoard, Clock
from tests.fakes.alarm_board import FakeAlarmBoard
from tests.fakes.clock import FakeClock


@dataclass(frozen=True)
class Side:
    """One implementation, with its clock and names of its own."""

    board: AlarmBoard
    clock: Clock
    name: str

    @property
    def since(self) -> datetime:
        """A moment that lies just behind."""
        return self.clock.now() - timedelta(seconds=90)


@pytest.fixture
def moto_cloudwatch() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


@pytest.fixture
def drydock_cloudwatch(request: pytest.FixtureRequest) -> Any:
    url = request.getfixturevalue("drydock_endpoint_url")
    return boto3.client("cloudwatch", region_name="us-east-1", endpoint_url=url)


FAKE = pytest.param("fake")
MOTO = pytest.param("moto_cloudwatch", id="moto")
DRYDOCK = pytest.param("drydock_cloudwatch", id="drydock", marks=pytest.mark.cloud)


def side_of(request: pytest.FixtureRequest) -> Side:
    name = f"slipway-{uuid4().hex[:8]}"
    if request.param == "fake":
        clock = FakeClock()
        return Side(FakeAlarmBoard(clock), clock, name)
    return Side(CloudWatchAlarmBoard(request.getfixturevalue(request.param)), SystemClock(), name)


def veto(name: str) -> Item:
    """An alarm that keeps the state which it is given."""
    return {
        "AlarmName": name,
        "Namespace": "Slipway/Veto",
        "MetricName": "Veto",
        "Dimensions": [{"Name": "Config", "Value": name}],
        "Statistic": "Maximum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "ignore",
    }


class TestAlarmBoard:
    @pytest.fixture(params=[FAKE, MOTO, DRYDOCK])
    def side(self, request: pytest.FixtureRequest) -> Side:
        return side_of(request)

    def test_an_alarm_that_was_put_is_described(self, side: Side) -> None:
        side.board.put(veto(side.name))
        facts = side.board.describe([side.name])[side.name]
        assert (facts.name, facts.period, facts.evaluation_periods) == (side.name, 10, 1)

    def test_an_alarm_that_is_not_there_is_left_out(self, side: Side) -> None:
        side.board.put(veto(side.name))
        assert list(side.board.describe([side.name, f"{side.name}-none"])) == [side.name]

    def test_no_names_describe_nothing(self, side: Side) -> None:
        side.board.put(veto(side.name))
        assert side.board.describe([]) == {}

    @pytest.mark.parametrize("state", ["ALARM", "OK", "INSUFFICIENT_DATA"])
    def test_an_alarm_has_the_state_and_the_reason_that_were_set(self, side: Side, state: str) -> None:
        side.board.put(veto(side.name))
        side.board.set_state(side.name, state, "by hand")
        facts = side.board.describe([side.name])[side.name]
        assert (facts.state, facts.reason) == (state, "by hand")

    def test_a_deleted_alarm_is_gone(self, side: Side) -> None:
        side.board.put(veto(side.name))
        side.board.delete([side.name])
        assert side.board.describe([side.name]) == {}

    def test_an_alarm_that_is_gone_does_not_keep_others_from_being_deleted(self, side: Side) -> None:
        side.board.put(veto(side.name))
        side.board.delete([f"{side.name}-none", side.name])
        assert side.board.describe([side.name]) == {}

    def test_alarms_are_found_by_how_their_names_begin(self, side: Side) -> None:
        for name in (f"{side.name}-a", f"{side.name}-b", f"not-{side.name}"):
            side.board.put(veto(name))
        assert sorted(side.board.named(f"{side.name}-")) == [f"{side.name}-a", f"{side.name}-b"]
        side.board.delete([f"{side.name}-a", f"{side.name}-b", f"not-{side.name}"])

    def test_datapoints_are_added_up(self, side: Side) -> None:
        dimensions = {"Config": side.name}
        for value in (1.0, 2.0):
            side.board.publish("Slipway/Test", "Requests", dimensions, value)
        assert side.board.count("Slipway/Test", "Requests", dimensions, side.since) == 3

    def test_datapoints_of_other_dimensions_do_not_count(self, side: Side) -> None:
        side.board.publish("Slipway/Test", "Requests", {"Config": side.name}, 1.0)
        assert side.board.count("Slipway/Test", "Requests", {"Config": f"{side.name}-none"}, side.since) == 0


class TestAlarmHistory:
    """Of these, moto knows nothing: it has no DescribeAlarmHistory."""

    @pytest.fixture(params=[FAKE, DRYDOCK])
    def side(self, request: pytest.FixtureRequest) -> Side:
        side = side_of(request)
        side.board.put(veto(side.name))
        return side

    def test_an_alarm_that_rings_is_told(self, side: Side) -> None:
        side.board.set_state(side.name, "ALARM", "too many errors")
        assert side.board.rang([side.name], side.since) == {side.name: "too many errors"}

    def test_an_alarm_that_is_quiet_again_is_told(self, side: Side) -> None:
        side.board.set_state(side.name, "ALARM", "too many errors")
        side.board.set_state(side.name, "OK", "fewer errors")
        assert side.board.rang([side.name], side.since) == {side.name: "too many errors"}

    def test_an_alarm_that_never_rang_is_not_told(self, side: Side) -> None:
        side.board.set_state(side.name, "OK", "no errors")
        assert side.board.rang([side.name, f"{side.name}-none"], side.since) == {}

    def test_what_rang_before_is_not_told(self, side: Side) -> None:
        side.board.set_state(side.name, "ALARM", "too many errors")
        assert side.board.rang([side.name], side.clock.now() + timedelta(minutes=1)) == {}


def test_the_wall_clock_tells_utc_and_sleeps() -> None:
    clock = SystemClock()
    before = clock.now()
    clock.sleep(0.01)
    assert before.tzinfo is UTC
    assert clock.now() > before

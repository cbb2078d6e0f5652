"""Scheduled actions: when they are due, and what they do to a target."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from scaling_house import VARIANT, House, RefusedError

from drydock.autoscaling.calendars import read
from drydock.sagemaker.errors import ServiceError


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def schedule(house: House, when: str, low: int, high: int, **more: Any) -> None:
    action = {"MinCapacity": low, "MaxCapacity": high}
    house.ask(
        "PutScheduledAction",
        **VARIANT,
        ScheduledActionName="night",
        Schedule=when,
        ScalableTargetAction=action,
        **more,
    )


@pytest.fixture
def house() -> House:
    made = House()
    made.time = moment("2026-03-02T05:58:30")
    made.register(1, 4)
    return made


@pytest.mark.parametrize(
    ("text", "last", "now", "due"),
    [
        ("at(2026-03-02T06:00:00)", "2026-03-02T05:59:00", "2026-03-02T06:00:00", True),
        ("at(2026-03-02T06:00:00)", "2026-03-02T06:00:00", "2026-03-02T06:01:00", False),
        ("rate(5 minutes)", "2026-03-02T06:00:00", "2026-03-02T06:05:00", True),
        ("rate(1 hour)", "2026-03-02T06:00:00", "2026-03-02T06:59:00", False),
        ("cron(0 6 * * ? *)", "2026-03-02T05:59:50", "2026-03-02T06:00:10", True),
        ("cron(0 6 * * ? *)", "2026-03-02T06:00:00", "2026-03-02T06:00:50", False),
        ("cron(*/15 8-17 ? * MON-FRI *)", "2026-03-02T08:29:00", "2026-03-02T08:30:00", True),
        ("cron(*/15 8-17 ? * SAT,SUN *)", "2026-03-02T08:29:00", "2026-03-02T08:30:00", False),
        ("cron(0 6 2 MAR ? 2026)", "2026-03-02T05:30:00", "2026-03-02T06:30:00", True),
    ],
)
def test_a_schedule_is_due_once_its_moment_has_come(text: str, last: str, now: str, due: bool) -> None:
    assert read(text, "UTC", float).is_due(moment(last), moment(now)) is due


def test_times_of_day_are_those_of_the_time_zone_and_rates_pass_with_the_scale() -> None:
    morning = read("cron(0 6 * * ? *)", "Europe/Berlin", float)
    assert morning.is_due(moment("2026-03-02T04:59:30"), moment("2026-03-02T05:00:30"))
    hourly = read("rate(1 hour)", "UTC", lambda seconds: seconds / 60)
    assert hourly.is_due(0.0, 60.0)


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "at(soon)",
        "rate(0 minutes)",
        "rate(5 moons)",
        "cron(0 6 * * *)",
        "cron(0 6 * * MON *)",
        "cron(61 6 * * ? *)",
        "cron(5-1 6 * * ? *)",
        "cron(0 6 L * ? *)",
        "cron(0 6 ? * 2#1 *)",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ServiceError):
        read(text, "UTC", float)


def test_a_due_action_sets_the_limits_and_the_capacity_follows(house: House) -> None:
    schedule(house, "cron(0 6 * * ? *)", 3, 6)
    house.look(20)
    house.look(60)
    assert house.fleets.count == 3
    causes = [activity["Cause"] for activity in house.activities()]
    assert causes == ["minimum capacity was set to 3", "scheduled action name night was triggered"]
    (target,) = house.ask("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 6)


def test_an_action_of_one_moment_is_gone_afterwards_and_missed_while_it_is_suspended(house: House) -> None:
    schedule(house, "at(2026-03-02T06:00:00)", 3, 6)
    house.ask("RegisterScalableTarget", **VARIANT, SuspendedState={"ScheduledScalingSuspended": True})
    house.look(100)
    house.ask("RegisterScalableTarget", **VARIANT, SuspendedState={"ScheduledScalingSuspended": False})
    assert house.look(100) == 2
    assert house.ask("DescribeScheduledActions", ServiceNamespace="sagemaker")["ScheduledActions"] == []


def test_an_action_outside_of_its_time_does_nothing(house: House) -> None:
    schedule(house, "cron(0 6 * * ? *)", 3, 6, EndTime=moment("2026-03-02T05:59:00"))
    house.look(100)
    assert house.fleets.count == 2


def test_actions_are_described_changed_and_deleted_and_need_a_target(house: House) -> None:
    schedule(house, "rate(1 day)", 1, 2)
    schedule(house, "rate(2 days)", 2, 3)
    (known,) = house.ask("DescribeScheduledActions", ServiceNamespace="sagemaker")["ScheduledActions"]
    assert (known["Schedule"], known["ScalableTargetAction"]["MinCapacity"]) == ("rate(2 days)", 2)
    house.ask("DeleteScheduledAction", **VARIANT, ScheduledActionName="night")
    delete: Callable[..., Any] = house.ask
    with pytest.raises(RefusedError, match="ObjectNotFoundException"):
        delete("DeleteScheduledAction", **VARIANT, ScheduledActionName="night")
    house.ask("DeregisterScalableTarget", **VARIANT)
    with pytest.raises(RefusedError, match="ObjectNotFoundException"):
        schedule(house, "rate(1 day)", 1, 2)

"""Operations on scheduled actions, and what they do when they are due."""

import uuid
from typing import Any

from drydock.autoscaling import calendars
from drydock.autoscaling.desk import Desk
from drydock.autoscaling.errors import no_schedule, no_target
from drydock.autoscaling.model import NAMESPACE, Activity, Key, Schedule, Target
from drydock.autoscaling.targets import key_of
from drydock.sagemaker.errors import refusal
from drydock.sagemaker.place import Tempo

_MEMBERS = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")
_LIMITS = (("min", "MinCapacity"), ("max", "MaxCapacity"))


def put(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """PutScheduledAction."""
    key, name = key_of(request), request["ScheduledActionName"]
    if key not in desk.book.targets:
        raise no_target(key)
    known = desk.book.schedules.get((key, name))
    given = {member: request[member] for member in _MEMBERS if member in request}
    definition = {**(known.definition if known else {}), **given}
    _check(definition)
    schedule = known or Schedule(name, key, _arn(desk, key, name), desk.now(), definition, desk.now())
    schedule.definition, schedule.last_run = definition, desk.now()
    desk.book.schedules[key, name] = schedule
    return {}


def _check(definition: dict[str, Any]) -> None:
    action = definition.get("ScalableTargetAction", {})
    if not definition.get("Schedule") or not action:
        raise refusal("Schedule and ScalableTargetAction must be given.")
    calendars.read(definition["Schedule"], definition.get("Timezone", "UTC"), float)
    low, high = action.get("MinCapacity", 1), action.get("MaxCapacity", action.get("MinCapacity", 1))
    if low < 1 or high < low:
        raise refusal("Maximum capacity cannot be less than minimum capacity")


def delete(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteScheduledAction."""
    key, name = key_of(request), request["ScheduledActionName"]
    if desk.book.schedules.pop((key, name), None) is None:
        raise no_schedule(key, name)
    return {}


def describe(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeScheduledActions."""
    found = [
        {
            **schedule.definition,
            "ScheduledActionName": schedule.name,
            "ScheduledActionARN": schedule.arn,
            "ServiceNamespace": NAMESPACE,
            "ResourceId": schedule.key[0],
            "ScalableDimension": schedule.key[1],
            "CreationTime": schedule.created,
        }
        for schedule in desk.wanted(request, desk.book.schedules.values(), "ScheduledActionNames")
    ]
    return desk.page(request, "ScheduledActions", found)


def run_due(desk: Desk, target: Target, tempo: Tempo) -> None:
    """Set the limits that a target's due actions want; the capacity follows them. What is suspended is missed."""
    now = desk.now()
    suspended = target.suspended.get("ScheduledScalingSuspended", False)
    for (key, name), schedule in list(desk.book.schedules.items()):
        definition = schedule.definition
        calendar = calendars.read(definition["Schedule"], definition.get("Timezone", "UTC"), tempo.real)
        if key != target.key or not calendar.is_due(schedule.last_run, now):
            continue
        schedule.last_run = now
        if not suspended and definition.get("StartTime", now) <= now <= definition.get("EndTime", now):
            _act(desk, target, schedule)
        if not calendar.recurs:
            del desk.book.schedules[key, name]


def _act(desk: Desk, target: Target, schedule: Schedule) -> None:
    action = schedule.definition["ScalableTargetAction"]
    low = action.get("MinCapacity", min(target.minimum, action.get("MaxCapacity", target.minimum)))
    high = action.get("MaxCapacity", max(target.maximum, low))
    target.minimum, target.maximum = low, high
    words = [f"{word} capacity to {action[member]}" for word, member in _LIMITS if member in action]
    activity = Activity(
        target.resource_id,
        target.dimension,
        f"Setting {' and '.join(words)}",
        f"scheduled action name {schedule.name} was triggered",
        desk.now(),
        "Successful",
        f"Successfully set {' and '.join(words)}",
        desk.now(),
    )
    desk.book.record(activity)


def _arn(desk: Desk, key: Key, name: str) -> str:
    place = desk.book.place
    number = uuid.uuid4()
    what = f"resource/{NAMESPACE}/{key[0]}:scheduledActionName/{name}"
    return f"arn:aws:autoscaling:{place.region}:{place.account}:scheduledAction:{number}:{what}"

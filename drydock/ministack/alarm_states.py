"""Alarms mended: evaluated as CloudWatch does, told to EventBridge, with a history that says what changed.

MiniStack 1.5.33 pools all dimensions of a metric, knows no missing data, and its alarms never reach EventBridge.
"""
# ruff: noqa: SLF001 - the state of an alarm is MiniStack's, so that its API tells it

import asyncio
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

from drydock.cloudwatch import alarms
from drydock.ministack import datapoints, events
from drydock.ministack.tenant import act_as

LOOK_EVERY = alarms.SHORTEST_WINDOW
"""Seconds between two looks at every alarm."""

_TURN_SECONDS = 0.002
"""Seconds after which the event loop is left to others between two alarms."""

_HOLD = 1.0
"""Seconds for which SetAlarmState holds at least; on AWS the next regular evaluation is as far as a period away."""

_set_alarm_state = cloudwatch._set_alarm_state
_record_history = cloudwatch._record_history


def mend(board: "AlarmBoard") -> None:
    """Let `board` evaluate the alarms and tell of their changes, in place of MiniStack."""
    cloudwatch._evaluate_alarm = lambda _alarm: None
    cloudwatch._evaluate_all_alarms = lambda: None
    cloudwatch._set_alarm_state = board.set_state
    cloudwatch._record_history = board.record


def states(names: Iterable[str]) -> dict[str, str]:
    """Give the state of each alarm, metric or composite, that exists in the current account and region."""
    found = {name: cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name) for name in names}
    return {name: str(alarm["StateValue"]) for name, alarm in found.items() if alarm}


class AlarmBoard:
    """All alarms of the local cloud."""

    def __init__(self, scale: float) -> None:
        """Take the time scale: how much faster than AWS time runs here."""
        self._scale = scale
        self._told: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._held: dict[str, float] = {}

    def recall(self) -> None:
        """Know what alarms of an earlier life told last."""
        for key, alarm in [*cloudwatch._alarms.all_items(), *cloudwatch._composite_alarms.all_items()]:
            self._told[key] = {"value": alarm["StateValue"], "reason": alarm.get("StateReason", "")}

    async def watch(self) -> None:
        """Evaluate every metric alarm of every account and region again and again, until cancelled."""
        while True:
            held_since = time.monotonic()
            for (account, region, _), alarm in cloudwatch._alarms.all_items():
                act_as(account, region, partial(self._evaluate, alarm, time.time()))
                if time.monotonic() - held_since > _TURN_SECONDS:
                    await asyncio.sleep(0)
                    held_since = time.monotonic()
            await asyncio.sleep(LOOK_EVERY)

    def _evaluate(self, alarm: dict[str, Any], now: float) -> None:
        is_gone = cloudwatch._alarms.get(alarm["AlarmName"]) is not alarm
        if is_gone or self._held.get(alarm["AlarmArn"], 0.0) > now:
            return
        judgement = alarms.evaluate(alarm, datapoints.look_up, now, self._scale)
        if judgement.state == alarm["StateValue"]:
            return
        before = alarm["StateValue"]
        data = _reason_data(alarm, judgement, now)
        alarm.update(
            StateValue=judgement.state,
            StateReason=judgement.reason,
            StateReasonData=data,
            StateUpdatedTimestamp=now,
            StateTransitionedTimestamp=now,
        )
        self.record(alarm["AlarmName"], before, judgement.state, judgement.reason, reason_data=json.loads(data))
        cloudwatch._dispatch_alarm_actions(alarm, before, judgement.state, judgement.reason)
        cloudwatch._evaluate_parent_alarms(alarm)

    def set_state(self, params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        """Set an alarm's state until it is evaluated regularly again (SetAlarmState)."""
        name = data.get("AlarmName", "") if is_cbor or is_json else cloudwatch._p(params, "AlarmName")
        alarm = cloudwatch._alarms.get(name)
        if alarm:
            period = max((int(stat["Period"]) for stat in _stats(alarm)), default=60)
            self._held[alarm["AlarmArn"]] = time.time() + max(period / self._scale, _HOLD)
        return _set_alarm_state(params, data, is_cbor, is_json)

    def record(
        self, name: str, before: str, after: str, reason: str, kind: str = "MetricAlarm", reason_data: Any = None
    ) -> None:
        """Write a change of state to the alarm's history and tell EventBridge."""
        _record_history(name, before, after, reason, kind, reason_data)
        now = datetime.now(UTC)
        entry = cloudwatch._history_entries()[-1]
        entry["Timestamp"] = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if before == after:
            entry |= {"HistoryItemType": "ConfigurationUpdate", "HistorySummary": f'Alarm "{name}" created'}
        key = (get_account_id(), get_region(), name)
        told = {"value": before, "reason": "Unchecked: Initial alarm creation"}
        previous = self._told.get(key, told) if before != after else told
        state = {"value": after, "reason": reason, "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")}
        if reason_data is not None:
            state["reasonData"] = json.dumps(reason_data)
        self._told[key] = state
        alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
        if before != after and alarm:
            detail = {"alarmName": name, "configuration": _configuration(alarm)}
            detail |= {"previousState": {**previous, "value": before}, "state": state}
            events.publish("aws.cloudwatch", "CloudWatch Alarm State Change", [alarm["AlarmArn"]], detail)


def _stats(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if "Metrics" in alarm:
        return [query["MetricStat"] for query in alarm["Metrics"] if "MetricStat" in query]
    return [{"Period": alarm.get("Period", 60)}]


def _reason_data(alarm: dict[str, Any], judgement: alarms.Judgement, now: float) -> str:
    data = {
        "version": "1.0",
        "queryDate": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "period": max((int(stat["Period"]) for stat in _stats(alarm)), default=60),
        "recentDatapoints": list(judgement.values),
        "threshold": alarm["Threshold"],
    }
    return json.dumps(data)


def _configuration(alarm: dict[str, Any]) -> dict[str, Any]:
    """Describe an alarm as its event does: the names in lower camel case, the dimensions a map."""
    if "AlarmRule" in alarm:
        return {"description": alarm.get("AlarmDescription", ""), "alarmRule": alarm["AlarmRule"]}
    return {
        "description": alarm.get("AlarmDescription", ""),
        "metrics": [_metric(query) for query in alarms.queries(alarm)],
    }


def _metric(query: dict[str, Any]) -> dict[str, Any]:
    told = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if "Expression" in query:
        return told | {"expression": query["Expression"]}
    stat = query["MetricStat"]
    dimensions = {pair["Name"]: pair["Value"] for pair in stat["Metric"].get("Dimensions") or []}
    metric = {"namespace": stat["Metric"]["Namespace"], "name": stat["Metric"]["MetricName"], "dimensions": dimensions}
    return told | {"metricStat": {"metric": metric, "period": stat["Period"], "stat": stat["Stat"]}}

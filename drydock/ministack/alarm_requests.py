"""PutMetricAlarm mended: MiniStack 1.5.33 drops the metric math of an alarm, and refuses it in a template."""
# ruff: noqa: SLF001 - the alarm is stored by MiniStack's own functions

import re
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from drydock.cloudwatch import alarms

_put_metric_alarm = cloudwatch._put_metric_alarm
_template_alarm = provisioners._cw_metric_alarm_record

_SINGLE = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
"""What an alarm on metric queries does not have."""


def mend() -> None:
    """Keep the metric queries of alarms, and refuse what could never be evaluated."""
    cloudwatch._put_metric_alarm = put_metric_alarm
    provisioners._cw_metric_alarm_record = template_alarm


def put_metric_alarm(params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
    """Create or replace an alarm."""
    request = data if is_cbor or is_json else nested(params)
    name = str(request.get("AlarmName", ""))
    queries = [_typed(query) for query in request.get("Metrics") or []]
    try:
        alarms.check({**request, "Metrics": queries})
    except alarms.InvalidAlarmError as error:
        return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
    answer = _put_metric_alarm(params, data, is_cbor, is_json)
    if answer[0] < 300:
        _complete(cloudwatch._alarms[name], request, queries)
    return answer


def template_alarm(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Make the alarm of a template's resource.

    Raises:
        ValueError: it could never be evaluated; the resource fails with this reason.
    """
    queries = [_typed(query) for query in properties.get("Metrics") or []]
    alarms.check({**properties, "Metrics": queries})
    plain = {key: value for key, value in properties.items() if key != "Metrics"}
    if queries:
        plain |= {"MetricName": "-", "Namespace": "-"}
    alarm: dict[str, Any] = _template_alarm(name, plain)
    _complete(alarm, properties, queries)
    return alarm


def _complete(alarm: dict[str, Any], request: dict[str, Any], queries: list[dict[str, Any]]) -> None:
    if queries:
        for key in _SINGLE:
            alarm.pop(key, None)
        alarm["Metrics"] = queries
    elif request.get("ExtendedStatistic"):
        alarm.pop("Statistic", None)


def _typed(query: dict[str, Any]) -> dict[str, Any]:
    """Give the numbers and flags of a query their types; a template and a form carry text."""
    typed = dict(query)
    if "ReturnData" in typed:
        typed["ReturnData"] = str(typed["ReturnData"]).lower() == "true"
    if "MetricStat" in typed:
        typed["MetricStat"] = {**typed["MetricStat"], "Period": int(typed["MetricStat"].get("Period", 60))}
    return typed


def nested(params: dict[str, Any]) -> dict[str, Any]:
    """Read the flat names of the Query protocol, such as `Metrics.member.1.MetricStat.Stat`, as a structure."""
    root: dict[str, Any] = {}
    for name, value in params.items():
        place = root
        *parents, last = re.sub(r"\.member\.", ".", name).split(".")
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value[0] if isinstance(value, list) else value
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(inner) for key, inner in value.items()}

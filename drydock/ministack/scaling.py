"""CloudWatch and EventBridge for Application Auto Scaling, and its requests on the router: MiniStack has none."""
# ruff: noqa: SLF001 - alarms are put by MiniStack's own functions

import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ministack import app
from ministack.core import router
from ministack.services import cloudwatch

from drydock.autoscaling.service import TARGET_PREFIX
from drydock.autoscaling.surroundings import AlarmSight
from drydock.cloudwatch import alarms
from drydock.ministack import datapoints, events
from drydock.ministack.routing import Handler, lowered
from drydock.ministack.tenant import act_at_home

_SERVICE = "application-autoscaling"


def mend(handle: Handler) -> None:
    """Send the requests of Application Auto Scaling to `handle`."""
    app.SERVICE_HANDLERS[_SERVICE] = lowered(handle)
    router.SERVICE_PATTERNS[_SERVICE] = {"target_prefixes": [TARGET_PREFIX], "credential_scope": _SERVICE}


class MiniStackScaling:
    """Implements `drydock.autoscaling.surroundings.Surroundings`.

    Args:
        scale: how much faster than AWS time runs here.
    """

    def __init__(self, scale: float) -> None:
        self._scale = scale

    def put_alarm(self, request: Mapping[str, Any]) -> str:
        """Create or replace an alarm; gives its ARN."""
        act_at_home(partial(cloudwatch._put_metric_alarm, {}, dict(request), False, True))
        return str(act_at_home(lambda: cloudwatch._alarms[request["AlarmName"]]["AlarmArn"]))

    def delete_alarms(self, names: Iterable[str]) -> None:
        """Delete alarms; one that is gone already is deleted."""
        for name in names:
            act_at_home(partial(cloudwatch._alarms.pop, name, None))

    def alarms_calling(self, action: str) -> list[AlarmSight]:
        """Give the metric alarms that have this action."""
        return act_at_home(
            lambda: [
                self._sight(alarm)
                for alarm in cloudwatch._alarms.values()
                if alarm.get("ActionsEnabled", True) and action in (alarm.get("AlarmActions") or [])
            ]
        )

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        """Record one datapoint, now, under each of the dimension sets."""
        for dimensions in dimension_sets:
            act_at_home(partial(datapoints.put, namespace, name, dimensions, value, unit))

    def publish_scaling(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Put an event of Application Auto Scaling on the default bus."""
        act_at_home(partial(events.publish, "aws.application-autoscaling", detail_type, [], detail))

    def _sight(self, alarm: Mapping[str, Any]) -> AlarmSight:
        values = alarms.evaluate(alarm, datapoints.look_up, time.time(), self._scale).values
        ringing = alarm["StateValue"] == alarms.ALARM
        return AlarmSight(alarm["AlarmName"], ringing, float(alarm["Threshold"]), values[-1] if values else None)

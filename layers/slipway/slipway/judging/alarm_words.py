"""Why an alarm rang, in the words of those who read it: CloudWatch tells numbers, not what they mean."""

import re
from collections.abc import Callable

from slipway.release.naming import ALARM_PREFIX

_NUMBER = r"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_CROSSED = re.compile(rf"datapoints? \[{_NUMBER} .*the threshold \({_NUMBER}\)", re.DOTALL)
"""CloudWatch's StateReason, newest datapoint first (seen in DescribeAlarms and DescribeAlarmHistory)."""


def _share(of: str) -> Callable[[float, float], str]:
    return lambda value, limit: f"{value:.1%} of the requests {of}, more than the {limit:.1%} that the watch allows"


def _latency(percentile: str) -> Callable[[float, float], str]:
    """Tell of a percentile of ModelLatency, which CloudWatch keeps in microseconds."""
    return lambda value, limit: (
        f"{percentile} of the model's latency was {value / 1000:.0f} ms, above {limit / 1000:.0f} ms"
    )


_MEANING: dict[str, Callable[[float, float], str]] = {
    "errors": _share("were answered with 5xx or not at all"),
    "5xx": _share("were answered with 5xx"),
    "model": _share("got no good answer from the model"),
    "p95": _latency("p95"),
    "p99": _latency("p99"),
}


def why_it_rang(name: str, reason: str) -> str:
    """Say why an alarm rang: what was measured where Slipway made the alarm, else what CloudWatch says.

    Args:
        name: of the alarm.
        reason: CloudWatch's StateReason when it rang.
    """
    _, *whose, kind = name.split(".") if name.count(".") == 2 else name.rpartition("-")
    meaning = _MEANING.get(kind) if name.startswith(ALARM_PREFIX) else None
    numbers = _CROSSED.search(reason)
    if meaning is None or numbers is None:
        return f"the alarm {name} rang: {reason}"
    of_variant = f"variant {whose[0]}: " if "." in name else ""
    return f"{of_variant}{meaning(float(numbers[1]), float(numbers[2]))} (the alarm {name} rang)"

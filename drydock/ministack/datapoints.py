"""CloudWatch's store of metrics mended: ordered, bounded and compact, so that alarms can be evaluated all the time.

MiniStack 1.5.33 keeps a list per metric in the order of arrival and walks all of it at every request.
"""
# ruff: noqa: SLF001 - the store is MiniStack's, so that its API reads what is written here

import bisect
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ministack.services import cloudwatch

from drydock.cloudwatch.metrics import Sample

MAX_POINTS = 20_000
"""Points kept of one metric; the oldest half is forgotten beyond it."""

_RETENTION = 14 * 24 * 3600


class Points(list[dict[str, Any]]):
    """The points of one metric in the order of time; equal values close together are one point with a count."""

    resolution = 1.0
    """Seconds within which equal values are one point; CloudWatch's finest is one second of AWS's time."""

    def __init__(self) -> None:
        super().__init__()
        self._since = self._until = 0.0
        self._recent: dict[tuple[float, str], dict[str, Any]] = {}

    @classmethod
    def of(cls, points: Iterable[dict[str, Any]]) -> "Points":
        """Take points over as they are, such as those of an earlier life."""
        made = cls()
        made.extend(sorted(points, key=_time))
        return made

    def append(self, point: dict[str, Any]) -> None:
        """Add a point where its time belongs."""
        at = point["Timestamp"]
        if at >= self._until:
            self._recent, self._since, self._until = {}, at, at + self.resolution
        if at >= self._since and "_stat" not in point:
            known = self._recent.setdefault((point["Value"], point["Unit"]), point)
            if known is not point:
                known["Count"] = known.get("Count", 1.0) + point.get("Count", 1.0)
                return
        bisect.insort(self, point, key=_time)
        if len(self) > MAX_POINTS:
            del self[: MAX_POINTS // 2]

    def between(self, start: float, end: float) -> list[dict[str, Any]]:
        """Give the points with start < time <= end, seconds since the epoch."""
        return self[bisect.bisect_right(self, start, key=_time) : bisect.bisect_right(self, end, key=_time)]


def _time(point: Mapping[str, Any]) -> float:
    return float(point["Timestamp"])


def mend(scale: float) -> None:
    """Replace the store's lists; `scale` says how much faster than AWS time runs here."""
    Points.resolution = 1 / scale
    cloudwatch._metric_bucket = _points
    cloudwatch._evict_old_metrics = _forget_old


def _points(key: tuple[str, str, str]) -> Points:
    points: Points | None = cloudwatch._metrics.get(key)
    if points is None:
        points = cloudwatch._metrics[key] = Points()
    return points


def _forget_old() -> None:
    oldest = time.time() - _RETENTION
    for key, points in cloudwatch._metrics.items():
        del points[: bisect.bisect_left(points, oldest, key=_time)]
        if not points:
            cloudwatch._metrics.pop(key, None)


def put(namespace: str, name: str, dimensions: Mapping[str, str], value: float, unit: str) -> None:
    """Record one datapoint, now, in the current account and region."""
    point = {"Timestamp": time.time(), "Value": float(value), "Unit": unit, "Dimensions": dict(dimensions)}
    _points((namespace, name, cloudwatch._dims_key(dimensions))).append(point)


def look_up(namespace: str, name: str, dimensions: Mapping[str, str], start: float, end: float) -> Sequence[Sample]:
    """Give the samples of exactly these dimensions; what `drydock.cloudwatch.alarms` asks."""
    points: Points | None = cloudwatch._metrics.get((namespace, name, cloudwatch._dims_key(dimensions)))
    if points is None:
        return ()
    return [Sample(point["Timestamp"], *cloudwatch._point_stats(point)) for point in points.between(start, end)]

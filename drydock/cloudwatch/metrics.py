"""CloudWatch's arithmetic on datapoints: samples, the statistics of a period, the series of an alarm."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Sample(NamedTuple):
    """One stored datapoint: a value seen `weight` times, or a published statistic set."""

    at: float
    """Seconds since the epoch."""
    weight: float
    total: float
    low: float
    high: float

    @classmethod
    def of(cls, at: float, value: float, count: float = 1.0) -> "Sample":
        """Make the sample of a plain value."""
        return cls(at, count, value * count, value, value)


Lookup = Callable[[str, str, Mapping[str, str], float, float], Sequence[Sample]]
"""(namespace, name, dimensions, start, end) → the samples of exactly these dimensions with start < at <= end."""

Series = list[float | None]
"""One value for each period, the oldest first; None where nothing was published."""


def statistic(samples: Sequence[Sample], name: str) -> float | None:
    """Compute one statistic of the samples of one period.

    Args:
        samples: what was published in the period.
        name: SampleCount, Sum, Average, Minimum, Maximum, or a percentile such as p95 or p99.9.

    Returns:
        The value; None when there is no datapoint, or no percentile of the published statistic sets.
    """
    seen = [sample for sample in samples if sample.weight > 0]
    if not seen:
        return None
    if is_percentile(name):
        return percentile(seen, float(name[1:]))
    return _BASIC[name](seen)


def _count(samples: Sequence[Sample]) -> float:
    return sum(sample.weight for sample in samples)


def _sum(samples: Sequence[Sample]) -> float:
    return sum(sample.total for sample in samples)


_BASIC: dict[str, Callable[[Sequence[Sample]], float]] = {
    "SampleCount": _count,
    "Sum": _sum,
    "Average": lambda samples: _sum(samples) / _count(samples),
    "Minimum": lambda samples: min(sample.low for sample in samples),
    "Maximum": lambda samples: max(sample.high for sample in samples),
}


def is_percentile(name: str) -> bool:
    """Whether the statistic is a percentile this module computes: p0 to p100."""
    return name[:1] == "p" and name[1:].replace(".", "", 1).isdigit() and float(name[1:]) <= 100


def is_statistic(name: str) -> bool:
    """Whether `statistic` knows the name."""
    return name in _BASIC or is_percentile(name)


def percentile(samples: Sequence[Sample], percent: float) -> float | None:
    """Interpolate between the two nearest ranks, each value as often as it was seen.

    Returns:
        None when a statistic set of different values is among the samples: CloudWatch has no percentile then.
    """
    if any(sample.low != sample.high for sample in samples):
        return None
    ordered = sorted((sample.low, sample.weight) for sample in samples)
    rank = percent / 100 * (_count(samples) - 1)
    below = int(rank)
    low = _ranked(ordered, below)
    return low + (rank - below) * (_ranked(ordered, below + 1) - low)


def _ranked(ordered: Sequence[tuple[float, float]], rank: int) -> float:
    seen = 0.0
    for value, count in ordered:
        seen += count
        if rank < seen:
            return value
    return ordered[-1][0]


def series(samples: Sequence[Sample], name: str, now: float, window: float, count: int) -> Series:
    """Cut the time before `now` into `count` windows and compute the statistic of each.

    Args:
        samples: samples of the whole range.
        name: the statistic.
        now: the end of the newest window, seconds since the epoch.
        window: the length of one window in seconds.
        count: how many windows.
    """
    buckets: list[list[Sample]] = [[] for _ in range(count)]
    for sample in samples:
        age = int((now - sample.at) / window)
        if 0 <= age < count:
            buckets[count - 1 - age].append(sample)
    return [statistic(bucket, name) for bucket in buckets]

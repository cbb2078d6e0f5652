"""How slow a new model may be, held against the live one: what the live fleet took lately, times a factor."""

from collections.abc import Sequence
from statistics import median

from slipway.release.verdicts import Finding

PERCENTILE = "p95"
LOOK_BACK_SECONDS = 86_400
"""Over how much of the time since it is live the live fleet's latency is taken."""

ENOUGH = 100
"""Requests of the live fleet below which its latency says nothing: five of them lie beyond the percentile."""

MOST_MS = 60_000.0
"""SageMaker answers for a model that takes longer (API_runtime_InvokeEndpoint)."""


def budget_ms(hours: Sequence[float], requests: int, factor: float) -> float | None:
    """Give the milliseconds that 95 of 100 answers must stay below; None where the live fleet had too few requests.

    Both fleets have data at once only while traffic is split, and in the final bake the old one has none. So the new
    fleet is held to what the live one took before: the median of its hours, which one bad hour does not move.

    Args:
        hours: percentile of ModelLatency in microseconds for each hour that had requests.
        requests: of the live fleet in all these hours.
        factor: `watch.latency_factor`.
    """
    if not hours or requests < ENOUGH:
        return None
    return min(MOST_MS, max(1.0, round(factor * median(hours) / 1000, 1)))


def uncompared(requests: int, whose: str = "") -> Finding:
    """Say that there was nothing to compare with.

    Args:
        requests: of the live fleet.
        whose: of which of several variants it is told.
    """
    few = f"too few to compare latency with ({ENOUGH} are needed)"
    what = f"The live model{whose} answered {requests} requests lately, {few}."
    step = "Set watch.latency_p95_ms for a budget that needs no traffic."
    return Finding("LATENCY_UNCOMPARED", what, step, "watch.latency_factor")

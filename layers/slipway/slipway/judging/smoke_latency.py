"""How long answers took, as a share of them was at least so quick."""

import math
from collections.abc import Iterator, Sequence

from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Finding


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that is not below this share of all (nearest rank); 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def slow(case: SmokeCase, latencies: Sequence[float]) -> Iterator[Finding]:
    """Tell which percentiles of a case's answers took longer than it expects, in milliseconds."""
    expect = case.expect
    limits = (("p50", 0.5, expect.p50_ms), ("p95", 0.95, expect.p95_ms), ("p99", 0.99, expect.p99_ms))
    for name, share, limit in limits:
        took = percentile(latencies, share)
        if limit is not None and took > limit:
            what = f"Expected a {name} of at most {limit:g} ms, got {took:.0f} ms over {len(latencies)} answers."
            step = "Make the model quicker, give it a larger instance, or correct the case."
            yield Finding("SMOKE_LATENCY", what, step, f"smoke[{case.name}].expect.{name}_ms")

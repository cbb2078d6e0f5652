"""The sentences in which CloudWatch says why an alarm has its state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Verdict:
    """What the datapoints came to."""

    alarming: bool
    count: int
    """How many of them decided it: those that breach for an alarm, the others else."""
    comparison: str
    """The alarm's operator in words."""
    threshold: float
    needed: int
    """DatapointsToAlarm."""


def threshold_crossed(verdict: Verdict, values: Sequence[float], now: float) -> str:
    """Say that datapoints decided, which, and how many it takes."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%d/%m/%y %H:%M:%S")
    points = ", ".join(f"{float(value)} ({stamp})" for value in reversed(values))
    verb = ("was" if verdict.count == 1 else "were") + ("" if verdict.alarming else " not")
    return (
        f"Threshold Crossed: {verdict.count} out of the last {len(values)} datapoints [{points}] {verb} "
        f"{verdict.comparison} the threshold ({verdict.threshold}) (minimum {_several(verdict.needed, 'datapoint')} "
        f"for {'OK -> ALARM' if verdict.alarming else 'ALARM -> OK'} transition)."
    )


def nothing_received(missing: int, treatment: str) -> str:
    """Say that missing datapoints decided, and what they were treated as."""
    treated = {"breaching": "Breaching", "notBreaching": "NonBreaching"}.get(treatment, "Missing")
    return (
        f"Threshold Crossed: no datapoints were received for {_several(missing, 'period')} and "
        f"{_several(missing, 'missing datapoint')} {'was' if missing == 1 else 'were'} treated as [{treated}]."
    )


def insufficient_data(missing: int) -> str:
    """Say that there was nothing to decide on."""
    return f"Insufficient Data: {_several(missing, 'datapoint')} {'was' if missing == 1 else 'were'} unknown."


def _several(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"

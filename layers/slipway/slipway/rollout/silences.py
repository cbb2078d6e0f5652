"""When a wait asks SageMaker: as it begins, when it is told of a change, and after silences that double.

An event may be lost (EventBridge lists SageMaker's as best effort), so no wait relies on being told; but a look for
each re-check would cost a call for every few minutes that a deployment takes. With silences that double, the calls of
a release grow with the logarithm of its time.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Looked:
    """The last look of a wait that got an answer, and the last news."""

    round: int
    """How often the wait had timed out by then."""
    signals: int
    """How often it had been signalled by then."""
    since: int
    """Round of the last news: silence is counted from there."""
    partial: bool = False
    """Whether the new fleet was seen to bake with a part of the traffic."""

    def as_item(self) -> dict[str, Any]:
        """Give the ledger form."""
        return asdict(self)


def looked_from(item: Mapping[str, Any] | None) -> Looked | None:
    """Read a look back from the ledger."""
    return Looked(**item) if item else None


def is_due(now: int, signals: int, last: Looked | None, pause: int, ends: Collection[int] = ()) -> bool:
    """Whether a wait has to look.

    Args:
        now: how often the wait has timed out.
        signals: how often it was signalled.
        last: its last look; None as it begins.
        pause: rounds of the first silence that is broken; then twice, four times as many.
        ends: rounds in which something has to be decided.
    """
    if last is None or signals != last.signals or now <= last.round:
        return True  # the beginning, news, or a function or an execution that died and is run again
    return any(each in ends or _breaks(each - last.since, pause) for each in range(last.round + 1, now + 1))


def noted(now: int, signals: int, last: Looked | None, partial: bool) -> Looked:
    """Give the look as it is to be remembered; one that no silence brought about begins a new silence."""
    is_silent = last is not None and signals == last.signals and now > last.round
    return Looked(now, signals, last.since if last is not None and is_silent else now, partial)


def _breaks(silent: int, pause: int) -> bool:
    times, rest = divmod(silent, pause)
    return rest == 0 and times > 0 and times & (times - 1) == 0

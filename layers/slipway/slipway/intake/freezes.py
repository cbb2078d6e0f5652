"""When nothing may be released: windows of the week, and ranges of days, each in its own time zone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal

from annotated_types import Len, MaxLen

from slipway.intake.time_zones import zone_of
from slipway.release.closed import Closed
from slipway.release.verdicts import Finding

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9])?")
_HORIZON = timedelta(days=3660)


@dataclass(frozen=True, kw_only=True)
class Freeze(Closed):
    """A time in which no release begins or changes an endpoint."""

    name: Annotated[str, Len(1, 80)]
    """What people call it; the refusal says it."""
    days: Annotated[tuple[Day, ...], MaxLen(7)] = ()
    """Days of the week on which the window begins; without any, `start` and `end` are dates."""
    start: str = "00:00"
    """`HH:MM` of each of the days; or the date `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM` of a range."""
    end: str = "24:00"
    """`HH:MM`, of the next day when it is not after the start; or the date at whose beginning a range is over."""
    time_zone: Annotated[str, Len(1, 64)] = "UTC"
    """Name of the time zone in which all of this is meant, such as `Europe/Berlin`."""


@dataclass(frozen=True)
class Frozen:
    """It is frozen now."""

    name: str
    until: datetime | None
    """First moment at which no window holds, in the zone of the window that ends there; None: not within ten years."""


def freeze_faults(freeze: Freeze) -> list[tuple[str, str, str]]:
    """Tell what makes a window meaningless: the key, what is wrong, what to write."""
    found = []
    if zone_of(freeze.time_zone) is None:
        what = f"the time zone {freeze.time_zone!a} is not known"
        found.append(("time_zone", what, "Write a name like Europe/Berlin, or UTC."))
    wanted, text = (_CLOCK, "HH:MM") if freeze.days else (_DATE, "YYYY-MM-DD or YYYY-MM-DDTHH:MM")
    for key in ("start", "end"):
        value = getattr(freeze, key)
        if not wanted.fullmatch(value) or (wanted is _DATE and _day_and_time(value) is None):
            found.append((key, f"{value!a} is no such time", f"Write {text}."))
    if not found and not freeze.days and freeze.start >= freeze.end:
        found.append(("end", "the range ends before it begins", "Let it end later."))
    return found


def frozen_now(freezes: Sequence[Freeze], now: datetime) -> Frozen | None:
    """Tell whether releases are frozen, and until when; a window that another one continues does not end there."""
    first = next((freeze for freeze in freezes if _end(freeze, now)), None)
    if first is None:
        return None
    until: datetime = now
    while until - now < _HORIZON:
        ends = [end for freeze in freezes if (end := _end(freeze, until))]
        if not ends:
            return Frozen(first.name, until)
        until = max(ends)
    return Frozen(first.name, None)


def freeze_findings(freezes: Sequence[Freeze], now: datetime, rule: str) -> list[Finding]:
    """Refuse a release in a freeze, and say when it ends.

    Args:
        freezes: the windows.
        now: with its time zone.
        rule: the document that sets them.
    """
    frozen = frozen_now(freezes, now)
    if frozen is None:
        return []
    ends = "does not end within ten years"
    if frozen.until is not None:
        here, utc = (
            f"{frozen.until:%Y-%m-%d %H:%M} {frozen.until.tzinfo}",
            f"{frozen.until.astimezone(UTC):%Y-%m-%dT%H:%MZ}",
        )
        ends = f"ends {here} ({utc})"
    what = f"Releases are frozen by {frozen.name!a}, which {ends}; rollback, abort and recover still work."
    return [Finding("POLICY_FROZEN", what, f"Upload it again after that. The rule is `freezes` of {rule}.", "freezes")]


def _end(freeze: Freeze, moment: datetime) -> datetime | None:
    """Give the end of the window that holds at a moment, None if none does."""
    zone = zone_of(freeze.time_zone) or UTC
    if not freeze.days:
        start, end = _day_and_time(freeze.start), _day_and_time(freeze.end)
        return _holds(start, end, zone, moment) if start and end else None
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        if _DAYS[day.weekday()] in freeze.days:
            last = day if freeze.end > freeze.start else day + timedelta(days=1)
            found = _holds(_at(day, freeze.start), _at(last, freeze.end), zone, moment)
            if found:
                return found
    return None


def _holds(start: datetime, end: datetime, zone: tzinfo, moment: datetime) -> datetime | None:
    """Compare in UTC: within one zone Python compares what the clocks on the wall say."""
    first, last = start.replace(tzinfo=zone), end.replace(tzinfo=zone)
    return last if first.astimezone(UTC) <= moment.astimezone(UTC) < last.astimezone(UTC) else None


def _at(day: date, clock: str) -> datetime:
    if clock == "24:00":
        return datetime.combine(day + timedelta(days=1), time())
    return datetime.combine(day, time.fromisoformat(clock))


def _day_and_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None

"""When a scheduled action is due: `at(…)`, `rate(…)` and `cron(…)`; pure.

Source: Application Auto Scaling user guide, "Schedule recurring scaling actions using cron expressions".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drydock.sagemaker.errors import refusal, unsupported

_UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (1, 7, _DAYS), (1970, 2199, ()))
"""Least, most and names of minutes, hours, days of the month, months, days of the week (1: Sunday), years."""
_LONGEST_LOOK = timedelta(hours=1)
"""Due minutes further back than this are not caught up on."""


@dataclass(frozen=True)
class Calendar:
    """A schedule, read."""

    is_due: Callable[[float, float], bool]
    """(the last look, now), seconds since the epoch → whether it became due in between."""
    recurs: bool


def read(schedule: str, timezone: str, real: Callable[[float], float]) -> Calendar:
    """Read a schedule.

    Args:
        schedule: at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(fields).
        timezone: of `at` and `cron`, a name of the IANA.
        real: turns AWS's seconds into real ones; what is said in times of day is not scaled.

    Raises:
        ServiceError: it is none of these.
    """
    match = re.fullmatch(r"(at|rate|cron)\(([^()]+)\)", schedule.strip())
    if match is None:
        raise refusal(f"The schedule expression is not valid: {schedule}")
    kind, text = match.group(1), match.group(2)
    zone = _zone(timezone)
    if kind == "rate":
        return _rate(text, real)
    return _at(text, zone) if kind == "at" else _cron(text, zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise refusal(f"The time zone is not valid: {name}") from None


def _at(text: str, zone: ZoneInfo) -> Calendar:
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone).timestamp()
    except ValueError:
        raise refusal(f"The schedule expression is not valid: at({text})") from None
    return Calendar(lambda last, now: last < moment <= now, recurs=False)


def _rate(text: str, real: Callable[[float], float]) -> Calendar:
    match = re.fullmatch(r"(\d+) (minute|hour|day)s?", text)
    if match is None or int(match.group(1)) < 1:
        raise refusal(f"The schedule expression is not valid: rate({text})")
    seconds = real(int(match.group(1)) * _UNITS[match.group(2)])
    return Calendar(lambda last, now: now - last >= seconds, recurs=True)


def _cron(text: str, zone: ZoneInfo) -> Calendar:
    fields = text.split()
    if len(fields) != len(_FIELDS) or (fields[2] == "?") == (fields[4] == "?"):
        raise refusal(f"The schedule expression is not valid: cron({text})")
    wanted = [_values(field, *kind) for field, kind in zip(fields, _FIELDS, strict=True)]

    def is_due(last: float, now: float) -> bool:
        moment = datetime.fromtimestamp(now, UTC).replace(second=0, microsecond=0)
        earliest = max(datetime.fromtimestamp(last, UTC), moment - _LONGEST_LOOK)
        while moment > earliest:
            here = moment.astimezone(zone)
            seen = (here.minute, here.hour, here.day, here.month, here.isoweekday() % 7 + 1, here.year)
            if all(value in allowed for value, allowed in zip(seen, wanted, strict=True)):
                return True
            moment -= timedelta(minutes=1)
        return False

    return Calendar(is_due, recurs=True)


def _values(field: str, least: int, most: int, names: tuple[str, ...]) -> set[int]:
    if re.search(r"\d*[LW]\b|#", field):
        raise unsupported("L, W and # in cron expressions")
    for number, name in enumerate(names, 1):
        field = field.upper().replace(name, str(number))
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(\*|\?|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if match is None:
            raise refusal(f"The schedule expression is not valid: {field}")
        low = int(match.group(2)) if match.group(2) else least
        high = int(match.group(3) or (most if match.group(4) or not match.group(2) else low))
        if not least <= low <= high <= most or match.group(4) == "0":
            raise refusal(f"The schedule expression is not valid: {field}")
        found.update(range(low, high + 1, int(match.group(4) or 1)))
    return found

"""Times of the ledger and how long things took, read and shown."""

from datetime import UTC, datetime


def read(stamp: str) -> datetime:
    """Read a time of the ledger; one without a zone is UTC."""
    at = datetime.fromisoformat(stamp)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def seconds_between(start: str, end: str, now: datetime) -> float:
    """Measure from one time of the ledger to another, or to now where the end is empty; never below 0."""
    until = read(end) if end else now
    return max((until - read(start)).total_seconds(), 0.0) if start else 0.0


def duration(seconds: float) -> str:
    """Show a duration: `38 ms`, `4.9 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"

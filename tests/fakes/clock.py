"""A clock that only sleeping moves."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class FakeClock:
    """Starts at noon of a Monday; every sleep is over at once and is remembered."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody sleeping."""
        self._now += timedelta(seconds=seconds)

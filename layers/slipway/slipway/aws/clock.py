"""The wall clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Satisfies `slipway.ports.Clock`."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Sleep for some seconds."""
        time.sleep(seconds)

"""What containers wrote, in memory."""

from datetime import datetime


class FakeContainerLogs:
    """Satisfies `slipway.ports.ContainerLogs`; tests write with `write`."""

    def __init__(self) -> None:
        self._written: list[tuple[str, str, datetime, str]] = []
        self.asked: list[str] = []
        """Groups that were read."""

    def write(self, group: str, at: datetime, line: str, stream: str = "main/i-1") -> None:
        """Let a container write a line."""
        self._written.append((group, stream, at, line))

    def lines(self, group: str, since: datetime, until: datetime, stream: str = "") -> list[str]:
        """Give what was written meanwhile."""
        self.asked.append(group)
        return [
            line
            for there, name, at, line in self._written
            if there == group and since <= at <= until and stream in ("", name)
        ]

"""CloudWatch Logs of the models' containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_logs import CloudWatchLogsClient

PAGES = 3
"""Answers of FilterLogEvents that are read; each may hold up to 1 MB, or nothing and a token (API_FilterLogEvents)."""

EVENTS = 200


class CloudWatchContainerLogs:
    """Satisfies `slipway.ports.ContainerLogs`."""

    def __init__(self, client: CloudWatchLogsClient) -> None:
        self._logs = client

    def lines(self, group: str, since: datetime, until: datetime, stream: str = "") -> list[str]:
        """Filter the events of a group; what cannot be read is no lines."""
        asked: Any = {"logGroupName": group, "limit": EVENTS}
        asked |= {"startTime": int(since.timestamp() * 1000), "endTime": int(until.timestamp() * 1000)}
        asked |= {"logStreamNames": [stream]} if stream else {}
        found: list[str] = []
        try:
            for _ in range(PAGES):
                said = self._logs.filter_log_events(**asked)
                found += [event.get("message", "") for event in said["events"]]
                if "nextToken" not in said:
                    break
                asked["nextToken"] = said["nextToken"]
        except (BotoCoreError, ClientError):
            return found
        return found

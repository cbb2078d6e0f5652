"""CloudWatch Logs: lines of the hosting service."""
# ruff: noqa: SLF001 - written in process, as MiniStack's own services write

import time
from collections.abc import Iterable

from ministack.services import cloudwatch_logs


def append(group: str, stream: str, lines: Iterable[str]) -> None:
    """Append lines to a stream of the current account and region, making group and stream where they are missing."""
    at = int(time.time() * 1000)
    names = {"logGroupName": group, "logStreamName": stream}
    if group not in cloudwatch_logs._log_groups:
        cloudwatch_logs._create_log_group(names)
    if stream not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream(names)
    cloudwatch_logs._put_log_events(names | {"logEvents": [{"timestamp": at, "message": line} for line in lines]})

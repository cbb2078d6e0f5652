"""The story of a release, put together from the ledger and from CloudWatch Logs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from slipway.record.durations import read
from slipway.record.progress import records
from slipway.release.objections import is_against
from slipway.release.phases import Phase
from slipway.release.release import PhaseRecord, Release, is_closed
from slipway_cli.desk import Desk, LogLine

SLACK_SECONDS = 5.0
"""Logs are read from a little before a release until a little after it."""

OWN_KEYS = frozenset(
    (
        *("level", "location", "message", "timestamp", "service", "release", "state", "execution"),
        *("reason", "findings", "exception", "exception_name", "stack_trace", "cold_start", "xray_trace_id"),
        *("function_name", "function_arn", "function_memory_size", "function_request_id"),
    )
)
"""Keys of a log line that are shown in their own way, or say nothing about the release."""


@dataclass(frozen=True)
class Told:
    """One thing that was written."""

    at: float
    """Seconds since 1970."""
    source: str
    text: str
    level: str = "INFO"
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def style(self) -> str:
        """Colour for people."""
        return {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow"}.get(self.level, "")

    def shape(self) -> dict[str, Any]:
        """Give it as programs read it."""
        at = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return {"at": at, "source": self.source, "level": self.level, "text": self.text, **self.detail}

    def __str__(self) -> str:
        at = datetime.fromtimestamp(self.at).astimezone().strftime("%H:%M:%S.%f")[:-3]
        return f"{at}  {self.source:<22}  {self.text}"


def release_lines(desk: Desk, release: Release) -> list[Told]:
    """Tell a release by the ledger and by the logs of the functions."""
    since, until = _span(release)
    found = list(_ledger_lines(release))
    for group, function in desk.logs.function_groups().items():
        found += [_function_line(line, function) for line in desk.logs.lines(group, since, until, release.id)]
    return sorted(found, key=lambda line: line.at)


def container_lines(desk: Desk, release: Release) -> list[Told]:
    """Tell what the containers of the endpoint wrote while the release was made, or until now if it is live."""
    since, until = _span(release)
    live = desk.ledger.live(release.endpoint)
    if live is not None and live.release == release.id:
        until = None
    group = f"/aws/sagemaker/Endpoints/{release.endpoint}"
    return [Told(line.at, "container", line.text) for line in desk.logs.lines(group, since, until)]


def _span(release: Release) -> tuple[float, float | None]:
    began = read(release.requested_at).timestamp() - SLACK_SECONDS
    if not is_closed(release):
        return began, None
    return began, read(release.phases[Phase.CLOSE_RELEASE].ended_at).timestamp() + SLACK_SECONDS


def _ledger_lines(release: Release) -> Iterator[Told]:
    for record in records(release):
        if record.ended_at:
            yield _phase_line(record)
    if release.outcome and is_closed(release):
        at = read(release.phases[Phase.CLOSE_RELEASE].ended_at).timestamp()
        yield Told(at, "ledger", f"{release.outcome}: {release.reason}")


def _phase_line(record: PhaseRecord) -> Told:
    answer = record.answer.value if record.answer else ""
    parts = [f"{record.phase.state}: {answer}", *([record.reason] if record.reason else [])]
    findings = [str(finding) for finding in record.findings]
    detail = {"phase": record.phase.value, "answer": answer, "findings": findings}
    level = "WARNING" if is_against(record) else "INFO"
    return Told(read(record.ended_at).timestamp(), "ledger", "; ".join(parts), level, detail)


def _function_line(line: LogLine, source: str) -> Told:
    try:
        said = json.loads(line.text)
    except ValueError:
        said = None
    if not isinstance(said, dict) or "message" not in said:
        return Told(line.at, source, line.text)
    more = {name: value for name, value in said.items() if name not in OWN_KEYS}
    text = " ".join([str(said["message"]), *(f"{name}={value}" for name, value in more.items())])
    if said.get("exception"):
        text = f"{text}\n{said['exception']}"
    return Told(line.at, source, text, str(said.get("level", "INFO")), more)

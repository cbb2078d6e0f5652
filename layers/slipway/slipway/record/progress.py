"""A release's phases as they are shown: how each went, how long it took, what it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.record.announcements import approve_command
from slipway.record.durations import seconds_between
from slipway.release.objections import is_against
from slipway.release.phases import Phase
from slipway.release.release import PhaseRecord, Release, waits_at
from slipway.release.verdicts import Finding


@dataclass(frozen=True)
class Line:
    """One phase."""

    phase: Phase
    mark: str
    """✔ it went well, ✖ it spoke against the release, ◌ it runs, – it never answered."""
    started_at: str
    seconds: float
    reason: str
    """What it said; empty where an earlier phase said the same."""
    findings: tuple[Finding, ...]
    """What it found beyond its reason."""


def lines(release: Release, now: datetime) -> list[Line]:
    """Give the phases that a release has met so far, in their order.

    Args:
        release: with its phases.
        now: what running phases are measured against.
    """
    told: list[Line] = []
    for record in records(release):
        told.append(_line(release, record, now, [line.reason for line in told if line.reason]))
    return told


def records(release: Release) -> Sequence[PhaseRecord]:
    """Give the records of a release's phases in their order."""
    return [release.phases[phase] for phase in sorted(release.phases, key=lambda phase: phase.ordinal)]


def _line(release: Release, record: PhaseRecord, now: datetime, said: Sequence[str]) -> Line:
    mark = _mark(release, record)
    seconds = seconds_between(record.started_at, record.ended_at, now) if mark != "–" else 0.0
    is_news = not any(record.reason.endswith(earlier) for earlier in said)
    findings = tuple(finding for finding in record.findings if str(finding) not in record.reason)
    reason = record.reason if is_news else ""
    if waits_at(release) is record.phase:
        reason = f"it waits for a human: {approve_command(release)}"
    return Line(record.phase, mark, record.started_at, seconds, reason, findings)


def _mark(release: Release, record: PhaseRecord) -> str:
    if record.answer is None:
        return "◌" if release.outcome is None else "–"
    return "✖" if is_against(record) else "✔"

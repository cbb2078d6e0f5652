"""What the containers wrote around a failed request, as a finding shows it: the last few lines, made harmless."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from slipway.judging.smoke import CaseResult
from slipway.judging.smoke_answers import Answered
from slipway.release.verdicts import Answer, Finding, Verdict

LINES = 5
"""Lines that a finding shows: the last, where a traceback says what happened."""

CASES = 3
"""Failed cases whose lines are looked up."""

_LENGTH = 200
_BEFORE, _AFTER = timedelta(seconds=1), timedelta(seconds=2)
_PREFIX = "/aws/sagemaker/Endpoints/"


def to_look_up(results: Sequence[CaseResult]) -> dict[str, Answered]:
    """Give the first failed answer of the first few cases that failed, by the case's name."""
    first: dict[str, Answered] = {}
    for result in results:
        if result.answer is Answer.FAILED and result.answered is not None and len(first) < CASES:
            first.setdefault(result.name, result.answered)
    return first


def log_group(endpoint: str) -> str:
    """Name the log group of an endpoint's containers (SageMaker, 'Logs and metrics')."""
    return f"{_PREFIX}{endpoint}"


def log_stream(arn: str) -> str:
    """Name the one stream that a ModelError's LogStreamArn points to; empty where it names the group alone."""
    return arn.partition(":log-stream:")[2]


def span(asked_at: datetime, latency_ms: float) -> tuple[datetime, datetime]:
    """Give the time in which the container may have written of a request."""
    return asked_at - _BEFORE, asked_at + timedelta(milliseconds=latency_ms) + _AFTER


def telling(lines: Sequence[str]) -> list[str]:
    """Choose the lines that are shown, without control characters, and without those of the health check."""
    plain = ["".join(sign if sign.isprintable() else " " for sign in line).strip() for line in lines]
    kept = [line for line in plain if line and "/ping" not in line]
    return [line if len(line) <= _LENGTH else f"{line[:_LENGTH]}…" for line in kept[-LINES:]]


def with_lines(judged: Verdict, lines: Mapping[str, Sequence[str]]) -> Verdict:
    """Add what the containers wrote to the first finding of each case, and to the facts.

    Args:
        judged: of all cases.
        lines: by the case's name.
    """
    told, left = list[Finding](), dict(lines)
    for finding in judged.findings:
        name = next((name for name in left if finding.where.startswith(f"smoke[{name}]")), None)
        wrote = " | ".join(left.pop(name)) if name is not None else ""
        told.append(replace(finding, message=f"{finding.message} The container wrote: {wrote}.") if wrote else finding)
    facts = {**judged.facts, "cases": [_logged(fact, lines) for fact in judged.facts.get("cases", [])]}
    return replace(judged, findings=tuple(told), facts=facts)


def _logged(fact: dict[str, object], lines: Mapping[str, Sequence[str]]) -> dict[str, object]:
    wrote = lines.get(str(fact["name"]))
    return {**fact, "log": list(wrote)} if wrote else fact

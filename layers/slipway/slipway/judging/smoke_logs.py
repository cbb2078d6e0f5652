"""What the containers wrote around a failed request, as a finding shows it: the last few lines, made harmless."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slipway.judging.smoke import CaseResult
from slipway.release.verdicts import Answer, Finding, Verdict

LINES = 5
"""Lines that a finding shows: the last, where a traceback says what happened."""

CASES = 3
"""Failed cases whose lines are looked up."""

_LENGTH = 200
_BEFORE, _AFTER = timedelta(seconds=1), timedelta(seconds=2)
_PREFIX = "/aws/sagemaker/Endpoints/"


@dataclass(frozen=True)
class Trace:
    """Where and when a container may have written of a failed request."""

    since: datetime
    until: datetime
    stream: str = ""
    """The one stream that is meant; empty for all of the endpoint's."""

    def as_fact(self) -> dict[str, str]:
        """Give it as the ledger keeps it."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat(), "stream": self.stream}

    @classmethod
    def of_fact(cls, fact: Mapping[str, str]) -> "Trace":
        """Read what the ledger kept."""
        return cls(datetime.fromisoformat(fact["since"]), datetime.fromisoformat(fact["until"]), fact["stream"])


def traces_of(results: Sequence[CaseResult]) -> dict[str, Trace]:
    """Give the trace of the first failed answer of the first few cases that failed, by the case's name."""
    first: dict[str, Trace] = {}
    for result in results:
        answered = result.answered if result.answer is Answer.FAILED else None
        if answered is not None and answered.asked_at is not None and len(first) < CASES:
            since, until = span(answered.asked_at, answered.latency_ms)
            first.setdefault(result.name, Trace(since, until, log_stream(answered.log_stream)))
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

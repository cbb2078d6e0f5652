"""Whether a model answers as its spec expects; a model that could not be asked is neither good nor bad."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slipway.judging.runtime_errors import MODEL_ERROR, treatment
from slipway.judging.smoke_answers import Answered
from slipway.judging.smoke_expectations import disappointments
from slipway.judging.smoke_latency import percentile
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer, Finding, Verdict


@dataclass(frozen=True)
class CaseResult:
    """How one case went: PASSED, FAILED or INCONCLUSIVE, with what was found."""

    name: str
    answer: Answer
    findings: tuple[Finding, ...] = ()
    status: int = 0
    latency_ms: float = 0.0
    request_id: str = ""
    requests: int = 1
    """How many requests this tells of; 0 when it judges the others together."""
    answered: Answered | None = None
    """What it judges; None when it judges several."""


def body_of(case: SmokeCase) -> bytes:
    """Give the request of a case as it is sent."""
    if case.body is not None:
        return case.body.encode()
    return json.dumps(case.json, separators=(",", ":"), ensure_ascii=False).encode()


def judge(case: SmokeCase, answered: Answered) -> CaseResult:
    """Judge the last answer to a case, after what can be retried was retried.

    Args:
        case: the request with its expectations.
        answered: what came back; latency in milliseconds.
    """
    if answered.error not in ("", MODEL_ERROR):
        answer = treatment(answered.error, answered.message).answer
        findings = [_not_answered(case, answered)]
    else:
        findings = list(disappointments(case, answered))
        answer = Answer.FAILED if findings else Answer.PASSED
    told, took = tuple(findings), answered.latency_ms
    return CaseResult(case.name, answer, told, answered.status, took, answered.request_id, answered=answered)


def verdict(results: Sequence[CaseResult]) -> Verdict:
    """Judge all requests of a release together: one failed request fails, one without an answer leaves it open.

    Args:
        results: of each request; a case that was sent several times has several.
    """
    if not results:
        return Verdict(Answer.PASSED, "no smoke cases: only the health check was passed", (_NONE,))
    by_case: dict[str, list[CaseResult]] = {}
    for result in results:
        by_case.setdefault(result.name, []).append(result)
    worst = {name: min(sent, key=_badness) for name, sent in by_case.items()}
    answer = min(worst.values(), key=_badness).answer
    facts = {"cases": [_fact(worst[name], sent) for name, sent in by_case.items()]}
    if answer is Answer.PASSED:
        slowest = max(result.latency_ms for result in results)
        reason = f"all smoke cases passed ({len(by_case)}), the slowest answer in {slowest:.0f} ms"
        return Verdict(answer, reason, _once_each(results), facts)
    alike = [result for result in worst.values() if result.answer is answer]
    word = "failed" if answer is Answer.FAILED else "could not be judged"
    reason = f"{len(alike)} of {len(by_case)} smoke cases {word}: {alike[0].findings[0]}"
    return Verdict(answer, reason, _once_each(results), facts)


def _badness(result: CaseResult) -> int:
    return (Answer.FAILED, Answer.INCONCLUSIVE, Answer.PASSED).index(result.answer)


def _once_each(results: Sequence[CaseResult]) -> tuple[Finding, ...]:
    """Keep the first finding of each kind at each place: a case sent ten times fails ten times for one reason."""
    kept: dict[tuple[str, str], Finding] = {}
    for result in results:
        for finding in result.findings:
            kept.setdefault((finding.code, finding.where), finding)
    return tuple(kept.values())


_NONE = Finding(
    "SMOKE_NONE",
    "The release has no smoke cases, so only the container's health check was asked.",
    'Add one to release.yaml, for example `smoke: [{name: one row, json: {"instances": [[1, 2, 3]]}}]`.',
    "smoke",
)


def _not_answered(case: SmokeCase, answered: Answered) -> Finding:
    treated = treatment(answered.error, answered.message)
    what = f"{answered.error}{answered.said}{answered.trace}."
    return Finding(treated.code, what, treated.next_step, f"smoke[{case.name}]")


def _fact(worst: CaseResult, sent: Sequence[CaseResult]) -> dict[str, Any]:
    latencies = [result.latency_ms for result in sent if result.requests]
    return {
        "name": worst.name,
        "answer": worst.answer.value,
        "requests": len(latencies),
        "status": worst.status,
        "p50_ms": round(percentile(latencies, 0.5)),
        "p95_ms": round(percentile(latencies, 0.95)),
        "slowest_ms": round(max(latencies)),
        "request_id": worst.request_id,
    }

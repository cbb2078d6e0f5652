"""Whether a model answers as its spec expects; a model that could not be asked is neither good nor bad."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from slipway.judging.json_match import differences
from slipway.judging.runtime_errors import MODEL_ERROR, blames_permissions, blames_the_request, passes_by_itself
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer, Finding, Verdict

_DIFFERENCES = 5
_SHOWN = 300


@dataclass(frozen=True)
class Answered:
    """What came back for one request."""

    status: int
    """HTTP status of the container's answer; 0 when none came back."""
    body: bytes = b""
    content_type: str = ""
    latency_ms: float = 0.0
    error: str = ""
    """Error code of the runtime, `ModelError` when the container itself answered with an error; empty for a 2xx."""
    message: str = ""
    request_id: str = ""
    log_stream: str = ""
    """Where the container wrote its log lines."""


@dataclass(frozen=True)
class CaseResult:
    """How one case went: PASSED, FAILED or INCONCLUSIVE, with what was found."""

    name: str
    answer: Answer
    findings: tuple[Finding, ...] = ()
    status: int = 0
    latency_ms: float = 0.0
    request_id: str = ""


def body_of(case: SmokeCase) -> bytes:
    """Give the request of a case as it is sent."""
    if case.body is not None:
        return case.body.encode()
    return json.dumps(case.json, separators=(",", ":"), ensure_ascii=False).encode()


def is_retryable(answered: Answered) -> bool:
    """Whether the same request may well succeed a moment later; an error of the model itself never counts as such."""
    return passes_by_itself(answered.error)


def judge(case: SmokeCase, answered: Answered) -> CaseResult:
    """Judge the last answer to a case, after what can be retried was retried.

    Args:
        case: the request with its expectations.
        answered: what came back; latency in milliseconds.
    """
    if answered.error not in ("", MODEL_ERROR):
        answer = Answer.FAILED if blames_the_request(answered.error) else Answer.INCONCLUSIVE
        findings = [_not_answered(case, answered)]
    else:
        findings = list(_disappointments(case, answered))
        answer = Answer.FAILED if findings else Answer.PASSED
    return CaseResult(case.name, answer, tuple(findings), answered.status, answered.latency_ms, answered.request_id)


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
        return Verdict(answer, reason, (), facts)
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


def _disappointments(case: SmokeCase, answered: Answered) -> Iterator[Finding]:
    expect, where = case.expect, f"smoke[{case.name}].expect"
    if answered.status != expect.status:
        got = f"status {answered.status}" if answered.status else "no answer within 60 s"
        what = f"Expected status {expect.status}, got {got}"
        yield _failed("SMOKE_STATUS", answered, f"{what}{_said(answered)}.", f"{where}.status")
        return
    text = answered.body.decode("utf-8", errors="replace")
    if expect.json is not None:
        yield from _json_differences(expect.json, expect.tolerance, answered, f"{where}.json")
    if expect.contains is not None and expect.contains not in text:
        what = f"Expected an answer that contains {_cut(expect.contains)}, got {_cut(text)}."
        yield _failed("SMOKE_CONTENT", answered, what, f"{where}.contains")
    if expect.max_latency_ms is not None and answered.latency_ms > expect.max_latency_ms:
        what = f"Expected an answer within {expect.max_latency_ms:g} ms, got it after {answered.latency_ms:.0f} ms."
        yield _failed("SMOKE_LATENCY", answered, what, f"{where}.max_latency_ms")


def _json_differences(expected: Any, tolerance: float, answered: Answered, where: str) -> Iterator[Finding]:
    try:
        got = json.loads(answered.body)
    except (ValueError, RecursionError):
        text = answered.body.decode("utf-8", errors="replace")
        what = f"Expected JSON, got {answered.content_type or 'no content type'}: {_cut(text)}."
        yield _failed("SMOKE_NOT_JSON", answered, what, where)
        return
    found = list(islice(differences(expected, got, tolerance), _DIFFERENCES + 1))
    if found:
        more = "; and more" if len(found) > _DIFFERENCES else ""
        within = f" (tolerance {tolerance:g})" if tolerance else ""
        what = f"The answer differs{within}: {'; '.join(found[:_DIFFERENCES])}{more}."
        yield _failed("SMOKE_JSON", answered, what, where)


def _not_answered(case: SmokeCase, answered: Answered) -> Finding:
    what = f"{answered.error}{_said(answered)}{_traces(answered)}."
    where = f"smoke[{case.name}]"
    if blames_the_request(answered.error):
        return Finding("SMOKE_REFUSED", what, "Correct the request of this case.", where)
    if blames_permissions(answered.error):
        return Finding("SMOKE_NOT_ALLOWED", what, "Allow the smoke function sagemaker:InvokeEndpoint.", where)
    return Finding("SMOKE_NOT_ANSWERED", what, "This is no fault of the model: release it again.", where)


def _failed(code: str, answered: Answered, what: str, where: str) -> Finding:
    logs = f" Read the container's log {answered.log_stream}." if answered.log_stream else ""
    step = f"Correct the model, or the case if this answer is right.{logs}"
    return Finding(code, f"{what.removesuffix('.')}{_traces(answered)}.", step, where)


def _said(answered: Answered) -> str:
    said = answered.message or answered.body.decode("utf-8", errors="replace")
    return f": {_cut(said)}" if said else ""


def _traces(answered: Answered) -> str:
    return f" (request {answered.request_id})" if answered.request_id else ""


def _cut(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _fact(worst: CaseResult, sent: Sequence[CaseResult]) -> dict[str, Any]:
    return {
        "name": worst.name,
        "answer": worst.answer.value,
        "requests": len(sent),
        "status": worst.status,
        "slowest_ms": round(max(result.latency_ms for result in sent)),
        "request_id": worst.request_id,
    }

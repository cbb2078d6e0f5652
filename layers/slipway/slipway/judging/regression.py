"""Whether a new model answers as the live one did: what was recorded of the live one, held to the new one's answers."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from slipway.judging.json_match import Tolerance, differences
from slipway.judging.runtime_errors import MODEL_ERROR, treatment
from slipway.judging.smoke_answers import Answered, cut
from slipway.judging.smoke_latency import percentile
from slipway.release.regression_spec import Regression
from slipway.release.smoke_spec import SmokeCase, case_from
from slipway.release.verdicts import Answer, Finding

LONGEST_ANSWER = 16 * 1024
"""Bytes of a live answer that is kept for the comparison."""

SHOWN = 5
"""Differences that are told."""


@dataclass(frozen=True)
class Recorded:
    """What the live model answered to one request, twice the same."""

    case: SmokeCase
    status: int
    body: bytes
    latencies_ms: tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """How the new model compares: what was found, whether that is too much, and the figures."""

    answer: Answer
    """PASSED, FAILED, or INCONCLUSIVE when the service gave no answer."""
    findings: tuple[Finding, ...]
    facts: dict[str, Any]


def tolerance_of(wanted: Regression) -> Tolerance:
    """Give how far numbers may be apart."""
    return Tolerance(wanted.tolerance, wanted.relative_tolerance)


def recorded(case: SmokeCase, answers: Sequence[Answered], wanted: Regression) -> Recorded | Finding:
    """Keep what the live model answered, or say why this request compares nothing.

    Args:
        case: the request.
        answers: of the live model, two or more.
        wanted: with the tolerance within which they count as the same.
    """
    first = answers[0]
    where = f"regression[{case.name}]"
    failing = next((each for each in answers if not _is_models(each) or not 200 <= each.status < 500), None)
    if failing is not None:
        what = f"The live model did not answer this request: {failing.error} {failing.status}{failing.said}."
        return Finding("REGRESSION_LIVE_FAILED", what, "It is left out of the comparison.", where)
    if len(first.body) > LONGEST_ANSWER:
        what = f"The live model's answer has {len(first.body)} bytes, more than are kept ({LONGEST_ANSWER})."
        return Finding("REGRESSION_TOO_LARGE", what, "It is left out of the comparison.", where)
    for other in answers[1:]:
        if told := _difference(first.status, first.body, other, tolerance_of(wanted)):
            what = f"The live model answers this differently each time: {told}."
            return Finding("REGRESSION_UNSTABLE", what, "It is left out of the comparison.", where)
    return Recorded(case, first.status, first.body, tuple(each.latency_ms for each in answers))


def compare(wanted: Regression, pairs: Sequence[tuple[Recorded, Sequence[Answered]]]) -> Comparison:
    """Hold the new model's answers to the live one's.

    Args:
        wanted: what the spec allows.
        pairs: of each request what was recorded, and the new model's answers.
    """
    tolerance = tolerance_of(wanted)
    told = [(kept, _worst(kept, answers, tolerance)) for kept, answers in pairs]
    differing = [(kept, said) for kept, said in told if said]
    findings = [_differs(kept, said) for kept, said in differing[:SHOWN]]
    live = percentile([took for kept, _ in pairs for took in kept.latencies_ms], 0.5)
    new = percentile([each.latency_ms for _, answers in pairs for each in answers if _is_models(each)], 0.5)
    slower = _slower(wanted, live, new)
    facts = {"compared": len(pairs), "differing": len(differing), "live_p50_ms": round(live), "new_p50_ms": round(new)}
    if len(differing) > wanted.differing_share * len(pairs) or slower:
        return Comparison(Answer.FAILED, (*findings, *slower), facts)
    silent = [(kept, each) for kept, answers in pairs for each in answers if not _is_models(each)]
    if silent:
        return Comparison(Answer.INCONCLUSIVE, (*findings, _silent(*silent[0])), facts)
    return Comparison(Answer.PASSED, tuple(findings), facts)


def kept_text(kept: Sequence[Recorded], findings: Sequence[Finding]) -> bytes:
    """Write what was recorded."""
    lines = [
        {
            "case": asdict(each.case),
            "status": each.status,
            "body": base64.b64encode(each.body).decode(),
            "latencies_ms": each.latencies_ms,
        }
        for each in kept
    ]
    return json.dumps({"schema": 1, "recorded": lines, "left_out": [asdict(each) for each in findings]}).encode()


def kept_from(text: bytes) -> list[Recorded]:
    """Read what was recorded back."""
    return [
        Recorded(case_from(line["case"]), line["status"], base64.b64decode(line["body"]), tuple(line["latencies_ms"]))
        for line in json.loads(text)["recorded"]
    ]


def _is_models(answered: Answered) -> bool:
    return answered.error in ("", MODEL_ERROR)


def _worst(kept: Recorded, answers: Sequence[Answered], tolerance: Tolerance) -> str:
    told = (_difference(kept.status, kept.body, each, tolerance) for each in answers if _is_models(each))
    return next((said for said in told if said), "")


def _difference(status: int, body: bytes, other: Answered, tolerance: Tolerance) -> str:
    """Say in what an answer differs from the live one's; empty if in nothing."""
    if other.status != status:
        return f"status {other.status} instead of {status}"
    if other.body == body or other.error:
        return ""
    try:
        return "; ".join(islice(differences(json.loads(body), json.loads(other.body), tolerance), 3))
    except (ValueError, RecursionError):
        return f"{cut(other.text)} instead of {cut(body.decode(errors='replace'))}"


def _differs(kept: Recorded, said: str) -> Finding:
    what = f"The new model answers otherwise than the live one: {said}."
    step = "Correct the model, or allow it with regression.tolerance or regression.differing_share."
    return Finding("REGRESSION_DIFFERS", what, step, f"regression[{kept.case.name}]")


def _slower(wanted: Regression, live: float, new: float) -> tuple[Finding, ...]:
    factor = wanted.latency_factor
    if factor is None or new <= factor * live:
        return ()
    what = f"The new model's median is {new:.0f} ms, the live one's {live:.0f} ms: more than {factor:g} times."
    step = "Make the model quicker, or raise the factor."
    return (Finding("REGRESSION_SLOWER", what, step, "regression.latency_factor"),)


def _silent(kept: Recorded, answered: Answered) -> Finding:
    treated = treatment(answered.error, answered.message)
    what = f"The new model could not be asked: {answered.error}{answered.said}{answered.trace}."
    return Finding("REGRESSION_NOT_ANSWERED", what, treated.next_step, f"regression[{kept.case.name}]")

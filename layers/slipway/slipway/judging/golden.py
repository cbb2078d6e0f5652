"""Golden answers: a case with expectations made of what the live model answered, if it always answers so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from slipway.judging.json_match import Tolerance
from slipway.judging.runtime_errors import MODEL_ERROR
from slipway.judging.smoke_answers import Answered
from slipway.judging.smoke_repeats import difference
from slipway.release.smoke_spec import Expect, SmokeCase

LONGEST_TEXT = 10_000
"""Characters of an answer that is no JSON; `contains` takes no more."""


@dataclass(frozen=True)
class Golden:
    """One case as it is written down, or why it cannot be."""

    name: str
    case: dict[str, Any]
    """Empty where there is a reason against it."""
    why_not: str = ""


def golden(case: SmokeCase, answers: Sequence[Answered], tolerance: Tolerance) -> Golden:
    """Make a case of what the live model answered to the same request.

    Args:
        case: the request; what it expected before is forgotten.
        answers: to each of its repeats, at least one.
        tolerance: how far numbers may be apart, now and in the case that is made.
    """
    first = answers[0]
    if unanswered := next((each for each in answers if each.error not in ("", MODEL_ERROR)), None):
        return _not(case, f"no answer of the model: {unanswered.error}{unanswered.said}")
    if first.status == 0 or first.status >= 500:
        return _not(case, f"the live model fails on this request (status {first.status}{first.said})")
    within = replace(case, expect=Expect(tolerance=tolerance.absolute, relative_tolerance=tolerance.relative))
    for other in answers[1:]:
        if told := difference(within, first, other):
            return _not(case, f"the live model answers this differently each time: {told}")
    expect = {"status": first.status} if first.status >= 400 else _expected(first, tolerance)
    if expect is None:
        return _not(case, f"the answer is neither JSON nor a text of at most {LONGEST_TEXT} characters")
    return Golden(case.name, {**request_item(case), "expect": expect})


def request_item(case: SmokeCase) -> dict[str, Any]:
    """Give a case as a file says it, without what is as usual and without expectations."""
    usual = SmokeCase(name="", body="")
    said = {each.name: getattr(case, each.name) for each in fields(SmokeCase) if each.name != "expect"}
    return {name: value for name, value in said.items() if value is not None and value != getattr(usual, name)}


def _not(case: SmokeCase, why: str) -> Golden:
    return Golden(case.name, {}, why)


def _expected(answered: Answered, tolerance: Tolerance) -> dict[str, Any] | None:
    """Say what the answer is; None where no expectation can hold it."""
    expect: dict[str, Any] = {}
    if answered.content_type:
        expect["content_type"] = answered.content_type.partition(";")[0].strip()
    try:
        value = json.loads(answered.body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        text = answered.text
        if len(text) > LONGEST_TEXT or text.encode() != answered.body:
            return None
        return {**expect, "contains": text} if text else {**expect, "matches": "^$"}
    if value is None:
        return {**expect, "schema": {"const": None}}
    expect["json"] = value
    if tolerance.absolute:
        expect["tolerance"] = tolerance.absolute
    if tolerance.relative:
        expect["relative_tolerance"] = tolerance.relative
    return expect


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")

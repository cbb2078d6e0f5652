"""What an answer lacks of what its case expects of it."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from slipway.judging.json_match import EXACT, Tolerance, differences, is_number, shown
from slipway.judging.schema_match import violations
from slipway.judging.smoke_answers import Answered, cut
from slipway.release.json_path import MISSING, parse_path, values_at
from slipway.release.patterns import Pattern
from slipway.release.smoke_spec import Expect, PathCheck, SmokeCase
from slipway.release.verdicts import Finding

_DIFFERENCES = 5
_MATCHED = 10_000
"""Characters of an answer that a regular expression sees."""


def disappointments(case: SmokeCase, answered: Answered) -> Iterator[Finding]:
    """Tell everything in which one answer of the container is not as expected; of a wrong status nothing else."""
    expect, where = case.expect, f"smoke[{case.name}].expect"
    if answered.status != expect.status:
        got = f"status {answered.status}" if answered.status else "no answer within 60 s"
        what = f"Expected status {expect.status}, got {got}"
        yield failed("SMOKE_STATUS", answered, f"{what}{answered.said}.", f"{where}.status")
        return
    yield from _headers(expect, answered, where)
    if expect.json is not None or expect.paths or expect.schema is not None:
        yield from _json(expect, answered, where)
    yield from _text(expect, answered, where)
    if expect.max_latency_ms is not None and answered.latency_ms > expect.max_latency_ms:
        what = f"Expected an answer within {expect.max_latency_ms:g} ms, got it after {answered.latency_ms:.0f} ms."
        yield failed("SMOKE_LATENCY", answered, what, f"{where}.max_latency_ms")


def failed(code: str, answered: Answered, what: str, where: str) -> Finding:
    """Say what is wrong with an answer, by which request and in which log to look it up."""
    logs = f" Read the container's log {answered.log_stream}." if answered.log_stream else ""
    step = f"Correct the model, or the case if this answer is right.{logs}"
    return Finding(code, f"{what.removesuffix('.')}{answered.trace}.", step, where)


def tolerance_of(expect: Expect | PathCheck) -> Tolerance:
    """Give how far numbers may be apart."""
    return Tolerance(expect.tolerance, expect.relative_tolerance)


def _headers(expect: Expect, answered: Answered, where: str) -> Iterator[Finding]:
    if expect.content_type is not None and _media_type(answered.content_type) != _media_type(expect.content_type):
        what = f"Expected the content type {cut(expect.content_type)}, got {cut(answered.content_type)}."
        yield failed("SMOKE_CONTENT_TYPE", answered, what, f"{where}.content_type")
    if expect.custom_attributes is not None and expect.custom_attributes not in answered.custom_attributes:
        what = (
            f"Expected custom attributes with {cut(expect.custom_attributes)}, got {cut(answered.custom_attributes)}."
        )
        yield failed("SMOKE_CUSTOM_ATTRIBUTES", answered, what, f"{where}.custom_attributes")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _text(expect: Expect, answered: Answered, where: str) -> Iterator[Finding]:
    if expect.contains is not None and expect.contains not in answered.text:
        what = f"Expected an answer that contains {cut(expect.contains)}, got {cut(answered.text)}."
        yield failed("SMOKE_CONTENT", answered, what, f"{where}.contains")
    if expect.matches is not None and not Pattern(expect.matches).is_in(answered.text[:_MATCHED]):
        what = f"Expected an answer that matches {cut(expect.matches)}, got {cut(answered.text)}."
        yield failed("SMOKE_PATTERN", answered, what, f"{where}.matches")


def _json(expect: Expect, answered: Answered, where: str) -> Iterator[Finding]:
    try:
        got = json.loads(answered.body)
    except (ValueError, RecursionError):
        what = f"Expected JSON, got {answered.content_type or 'no content type'}: {cut(answered.text)}."
        wanted = next(name for name in ("json", "schema", "paths") if getattr(expect, name) is not None)
        yield failed("SMOKE_NOT_JSON", answered, what, f"{where}.{wanted}")
        return
    tolerance = tolerance_of(expect)
    told = differences(expect.json, got, tolerance) if expect.json is not None else iter(())
    if said := _listed(told, tolerance):
        yield failed("SMOKE_JSON", answered, said, f"{where}.json")
    told = violations(expect.schema, got) if expect.schema is not None else iter(())
    if said := _listed(told, EXACT, "is not as its schema says"):
        yield failed("SMOKE_SCHEMA", answered, said, f"{where}.schema")
    for index, check in enumerate(expect.paths):
        if said := _listed(_at_path(check, got), tolerance_of(check)):
            yield failed("SMOKE_PATH", answered, said, f"{where}.paths[{index}]")


def _listed(told: Iterator[str], tolerance: Tolerance, differs: str = "differs") -> str:
    found = list(islice(told, _DIFFERENCES + 1))
    if not found:
        return ""
    more = "; and more" if len(found) > _DIFFERENCES else ""
    within = f" (tolerance {tolerance.absolute:g})" if tolerance.absolute else ""
    within += f" (relative tolerance {tolerance.relative:g})" if tolerance.relative else ""
    return f"The answer {differs}{within}: {'; '.join(found[:_DIFFERENCES])}{more}."


def _at_path(check: PathCheck, got: Any) -> Iterator[str]:
    for place, value in values_at(got, parse_path(check.path)):
        if value is MISSING:
            yield f"{place} is missing"
            continue
        if check.json is not None:
            yield from differences(check.json, value, tolerance_of(check), place)
        yield from _bounds(check, place, value)


def _bounds(check: PathCheck, place: str, value: Any) -> Iterator[str]:
    low, high = check.minimum, check.maximum
    if (low is not None or high is not None) and not is_number(value):
        yield f"{place} is {shown(value)}, which is no number"
    elif low is not None and not value >= low:
        yield f"{place} is {shown(value)}, less than {low:g}"
    elif high is not None and not value <= high:
        yield f"{place} is {shown(value)}, more than {high:g}"
    if check.entries is not None and (not isinstance(value, list | dict) or len(value) != check.entries):
        count = f"has {len(value)} entries" if isinstance(value, list | dict) else f"is {shown(value)}"
        yield f"{place} {count} instead of {check.entries} entries"
    if check.matches is not None and not Pattern(check.matches).is_in(_as_text(value)[:_MATCHED]):
        yield f"{place} is {shown(value)}, which does not match {cut(check.matches)}"


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

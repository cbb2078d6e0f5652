"""The border at which a spec becomes a `ReleaseSpec`: defaults beneath, everything wrong said at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from slipway.intake.holding import hold
from slipway.intake.merging import Layer, laid_over, without_blanks
from slipway.intake.parsed import Parsed, Path
from slipway.intake.serving_image import displaced
from slipway.intake.spec_errors import finding_of, place
from slipway.intake.spec_rules import rule_findings
from slipway.intake.spec_text import kept, parse, twice_findings
from slipway.intake.variants import complete, told_once
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding

_MOST = 50
"""Findings told at once."""
_WORDED = 4 * _MOST
"""Errors that are put into words, a millisecond each, before what is wrong with every variant is said once."""


def read_spec(
    text: bytes, source: str, defaults: Sequence[Layer], endpoint: str, region: str = ""
) -> ReleaseSpec | list[Finding]:
    """Read a spec file.

    Args:
        text: its bytes; a caller need not read more than `spec_text.SIZE_LIMIT` + 1 of them.
        source: its S3 URI; .json is read as JSON, any other one as YAML.
        defaults: what holds where the file says nothing, the weakest layer first (stack, then endpoint).
        endpoint: the endpoint that the key names; the spec may repeat it but not contradict it.
        region: where the model will be served; decides about the image of a framework.

    Returns:
        The spec with every default filled in, or every finding.
    """
    parsed = parse(text, source)
    if isinstance(parsed, Finding):
        return [parsed]
    return _judge(parsed, defaults, endpoint, region)


def check_spec(
    values: Layer, defaults: Sequence[Layer], endpoint: str = "", region: str = ""
) -> ReleaseSpec | list[Finding]:
    """Hold a spec that came as data, not as a file, to the same constraints; see `read_spec`."""
    return _judge(Parsed(dict(values)), defaults, endpoint, region)


def defaults_spec(defaults: Sequence[Layer], endpoint: str, region: str = "") -> ReleaseSpec | list[Finding]:
    """Give the spec of a drop that came without one."""
    return _judge(Parsed({}), defaults, endpoint, region)


def _judge(parsed: Parsed, defaults: Sequence[Layer], endpoint: str, region: str) -> ReleaseSpec | list[Finding]:
    faults: dict[Path, str] = {}
    said = without_blanks(kept(parsed.values, faults), (None,))
    values: dict[str, Any] = {"serve": {}}
    for layer in ({"endpoint": endpoint}, *(without_blanks(layer, (None, "")) for layer in defaults), said):
        values = laid_over(displaced(values, layer), layer)
    unresolved = complete(values, region)
    spec = hold(ReleaseSpec, values)
    errors = [] if isinstance(spec, ReleaseSpec) else spec
    found = told_once([*twice_findings(parsed), *unresolved, *_refusals(values, errors, faults, endpoint)], values)
    if isinstance(spec, ReleaseSpec) and not found:
        return spec
    written = {place(path) for path in _paths(said)}
    inherited = {place(path) for path in _paths(values)} - written
    if not any("endpoint" in layer for layer in defaults):
        inherited.discard("endpoint")
    lines = {place(path): line for path, line in parsed.lines.items()}
    return [_traced(finding, lines, inherited) for finding in found[:_MOST]]


def _refusals(
    values: dict[str, Any], errors: Sequence[dict[str, Any]], faults: dict[Path, str], endpoint: str
) -> Iterator[Finding]:
    for path, fault in faults.items():
        yield Finding("SPEC_UNKEEPABLE", f"This {fault}.", "Write a plain JSON value.", place(path))
    for error in errors[:_WORDED]:
        if not any(error["loc"][: len(path)] == path for path in faults):
            yield finding_of(error)
    for finding in rule_findings(values, endpoint):
        if not any(place(path).startswith(finding.where) for path in faults):
            yield finding


def _traced(finding: Finding, lines: Mapping[str, int], inherited: set[str]) -> Finding:
    """Say where a wrong value comes from: the line of the file, or the defaults beneath it."""
    if finding.where in lines:
        return replace(finding, message=f"{finding.message} (line {lines[finding.where]})")
    if finding.where in inherited:
        return replace(finding, message=f"{finding.message} (from the defaults, not from the spec)")
    return finding


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _paths(child, (*path, key))

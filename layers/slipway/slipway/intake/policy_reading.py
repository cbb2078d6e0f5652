"""The border at which a text becomes a `PolicyDocument`. What is wrong with it is told all at once, and nothing of it
counts: a policy that is half understood would allow what it was to forbid."""

from collections.abc import Iterator
from dataclasses import replace

from slipway.intake.freezes import freeze_faults
from slipway.intake.holding import hold
from slipway.intake.parsed import Parsed, Path
from slipway.intake.policy_document import PolicyDocument
from slipway.intake.spec_errors import finding_of, place
from slipway.intake.spec_text import kept, parse, twice_findings
from slipway.release.verdicts import Finding


def read_policy(text: str, name: str) -> PolicyDocument | list[Finding]:
    """Read a policy document.

    Args:
        text: JSON if it begins with a brace, else YAML, read like a spec.
        name: what it is called, for the findings.
    """
    kind = "json" if text.lstrip().startswith("{") else "yaml"
    parsed = parse(text.encode("utf-8", "surrogatepass"), f"policy.{kind}", what="policy document")
    if isinstance(parsed, Finding):
        return [unusable(name, replace(parsed, next_step="See docs/policy.md for what it may say."))]
    faults: dict[Path, str] = {}
    values = kept(parsed.values, faults)
    found = [*twice_findings(parsed)]
    found += [Finding("", f"This {fault}.", "Write a plain value.", place(path)) for path, fault in faults.items()]
    document = hold(PolicyDocument, values)
    if not isinstance(document, PolicyDocument):
        found += [finding_of(error, PolicyDocument) for error in document]
    else:
        found += _freezes(document)
        if not found:
            return document
    return [unusable(name, _traced(finding, parsed)) for finding in found]


def unusable(name: str, finding: Finding) -> Finding:
    """Refuse a release because of the policy itself.

    Args:
        name: what the document is called.
        finding: what is wrong with it.
    """
    what = f"The policy cannot be used, so nothing may be released: {finding.message[:1].lower()}{finding.message[1:]}"
    step = f"{finding.next_step} Rollback, abort and recover work without it."
    return Finding("POLICY_UNREADABLE", what, step, f"{name} {finding.where}".strip())


def _freezes(document: PolicyDocument) -> Iterator[Finding]:
    for index, freeze in enumerate(document.freezes):
        for key, what, step in freeze_faults(freeze):
            yield Finding("", f"In {freeze.name!a} {what}.", step, f"freezes[{index}].{key}")


def _traced(finding: Finding, parsed: Parsed) -> Finding:
    lines = {place(path): line for path, line in parsed.lines.items()}
    line = lines.get(finding.where)
    return replace(finding, message=f"{finding.message.removesuffix('.')} (line {line}).") if line else finding

"""Looks at the artifacts that a spec names besides the dropped one, so that a release is held to what was there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slipway.exchanges import ObjectFacts
from slipway.intake.archive import Limits
from slipway.intake.sources import located
from slipway.release.parts import Named, pin
from slipway.release.verdicts import Finding
from slipway.steps.signing import signature_beside, unsigned
from slipway.steps.sources import ABSENT, Stores, look

_AGAIN = "then release again: upload the spec once more, or `slipway release`."


@dataclass(frozen=True)
class Pinned:
    """What was found of further artifacts."""

    named: tuple[Named, ...] = ()
    seen: tuple[ObjectFacts | None, ...] = ()
    """What is known of each; None of one that nothing may be, or can be, fetched of."""
    findings: tuple[Finding, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """The versions, for the steps after this one; nothing where there are no further artifacts."""
        pairs = zip(self.named, self.seen, strict=True)
        pins = [pin(named, facts.ref) for named, facts in pairs if facts is not None]
        return {"parts": pins} if pins else {}


def pinned(tools: Stores, named: Sequence[Named], required: bool, dropped: ObjectFacts | None) -> Pinned:
    """Look at further artifacts as they are now, and at their signatures.

    Args:
        tools: the world.
        named: the artifacts.
        required: whether each has to be signed.
        dropped: what is known of the dropped one, None where it is not there.
    """
    seen, found = list[ObjectFacts | None](), list[Finding]()
    for each in named:
        ref = located(each.artifact, tools.settings.artifact_bucket)
        facts, wrong = look(tools, ref)
        if facts is not None:
            wrong += unsigned(tools, ref, signature_beside(tools, ref), required)
        seen.append(facts)
        found += [_of(each, finding) for finding in wrong]
    return Pinned(tuple(named), tuple(seen), (*found, *_together([dropped, *seen])))


def _of(named: Named, finding: Finding) -> Finding:
    """Say where the spec names it, and what helps: the upload of a further artifact starts nothing by itself."""
    uploads = finding.code in (ABSENT, "SIGNATURE_ABSENT")
    step = f"Upload it, {_AGAIN}" if uploads else finding.next_step
    return replace(finding, where=f"{named.where} {finding.where}", next_step=step)


def _together(artifacts: Iterable[ObjectFacts | None]) -> list[Finding]:
    """Hold all of them to what one run of the function can read."""
    most = Limits().packed_bytes
    size = sum(facts.size for facts in artifacts if facts is not None)
    if size <= most:
        return []
    what = f"All artifacts together have {size} bytes, and at most {most} can be verified in one release."
    return [Finding("ARTIFACTS_TOO_LARGE", what, "Leave out what serving does not need.", "artifact")]

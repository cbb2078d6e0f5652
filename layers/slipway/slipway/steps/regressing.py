"""How the new model is compared with the live one.

Which fleet answers cannot be told while traffic is split, so the live one is asked before the update, by Create the
Config, and the new one when it has all traffic, by Run Smoke Invocations. What the live one answered lies beside the
release's report meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from slipway.judging.captured import requests_in, variant_folder
from slipway.judging.regression import Comparison, Recorded, compare, kept_from, kept_text, recorded
from slipway.release.naming import live_answers_key
from slipway.release.phases import Phase
from slipway.release.release import ObjectRef
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer, Finding, Verdict
from slipway.steps.fleets import is_update, names_of
from slipway.steps.invoking import cases_by_variant, meant_for, send
from slipway.steps.work import Work

TIMES = 2
"""How often each of both models is asked the same: what the live one answers differently compares nothing."""

RECORD_SECONDS = 60
"""How long the live model is asked; what is not asked by then is not compared."""

LOOKS = 30
"""Folders and files that are looked into for captured traffic, the latest first."""

FILE_BYTES = 4 * 1024 * 1024
KEPT_BYTES = 32 * 1024 * 1024
"""Bytes of one capture file, and of what is kept of the live model, that are read: fifty cases to each of nine variants
with the longest answers that are kept are twelve million."""


@dataclass(frozen=True)
class LiveAnswers:
    """What came of asking the live model."""

    kept: int = 0
    """Requests whose answers are kept."""
    findings: tuple[Finding, ...] = ()
    """What compares nothing, and why."""
    is_refused: bool = False
    """Whether the spec wants no release that compares nothing."""


def record_live(work: Work) -> LiveAnswers:
    """Ask the live model what the new one will be asked, and keep its answers; to be called before the update."""
    wanted = work.release.wanted.regression
    if wanted.inputs == "none":
        return LiveAnswers()
    if not is_update(work.release):
        return LiveAnswers(findings=(_nothing("REGRESSION_FIRST", "The first release has no live model to meet."),))
    until = work.tools.clock.now() + timedelta(seconds=RECORD_SECONDS)
    asked = [_ask_live(work, case, until) for case in _inputs(work)]
    kept = [each for each in asked if isinstance(each, Recorded)]
    left_out = [each for each in asked if isinstance(each, Finding)]
    if not kept:
        what = "No captured request" if wanted.inputs == "captured" else "No smoke case"
        left_out.append(_nothing("REGRESSION_NO_DATA", f"{what} can be compared with the live model."))
        return LiveAnswers(0, tuple(left_out), wanted.no_data == "fail")
    work.tools.artifacts.write(_place(work), kept_text(kept, left_out), "application/json")
    return LiveAnswers(len(kept), tuple(left_out))


def _ask_live(work: Work, case: SmokeCase, until: datetime) -> Recorded | Finding:
    """Warm the live model up, as the new one will be when it is compared, and ask it."""
    send(work, case, until)
    return recorded(case, [send(work, case, until) for _ in range(TIMES)], work.release.wanted.regression)


def compared(work: Work, smoked: Verdict, until: datetime) -> Verdict:
    """Add to a smoke that passed how the new model's answers compare with the live one's, if any were kept."""
    wanted = work.release.wanted.regression
    if wanted.inputs == "none" or not work.release.fact(Phase.CREATE_CONFIG, "compares", 0):
        return smoked
    kept = kept_from(work.tools.artifacts.read(_place(work), KEPT_BYTES))
    found = compare(wanted, [(each, [send(work, each.case, until) for _ in range(TIMES)]) for each in kept])
    findings, facts = (*smoked.findings, *found.findings), {**smoked.facts, "regression": found.facts}
    if found.answer is Answer.PASSED:
        return replace(smoked, reason=f"{smoked.reason}; {_told(found)}", findings=findings, facts=facts)
    reason = f"compared with the live model: {_told(found)}: {found.findings[0]}"
    return Verdict(found.answer, reason, findings, facts)


def _told(found: Comparison) -> str:
    return f"{found.facts['differing']} of {found.facts['compared']} answers differ from the live model's"


def _inputs(work: Work) -> list[SmokeCase]:
    wanted = work.release.wanted.regression
    if wanted.inputs == "smoke":
        return list(cases_by_variant(work.release))
    variants = names_of(work.release)
    each = -(-wanted.sample // len(variants))
    found = [(name, case) for name in variants for case in islice(_captured(work, name), each)]
    if not work.release.wanted.variants:
        return [case for _, case in found]
    return [meant_for(case, name) for name, case in found]


def _captured(work: Work, variant: str) -> Iterator[SmokeCase]:
    """Walk a variant's captured traffic from the latest hour back, as far as is allowed; each body once."""
    seen = set[str | None]()
    artifacts, bucket = work.tools.artifacts, work.tools.settings.artifact_bucket
    places = [variant_folder(work.release.endpoint, variant)]
    for _ in range(LOOKS):
        if not places:
            return
        place = places.pop()
        if place.endswith("/"):
            places += [child.key for child in artifacts.children(ObjectRef(bucket, place))]
        else:
            found = requests_in(artifacts.read(ObjectRef(bucket, place), FILE_BYTES))
            for case in found:
                if case.body not in seen:
                    seen.add(case.body)
                    yield case


def _place(work: Work) -> ObjectRef:
    return ObjectRef(work.tools.settings.artifact_bucket, live_answers_key(work.release.endpoint, work.release.id))


def _nothing(code: str, what: str) -> Finding:
    step = "Set regression.inputs to what there is, or leave the new model to its smoke."
    return Finding(code, what, step, "regression.inputs")

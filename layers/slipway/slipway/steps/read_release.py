"""Read the Release: event → pair → claim in the ledger; accepted, refused, nothing, or an operator's request."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from slipway.errors import LedgerConflictError, ReleaseNotFoundError
from slipway.exchanges import Item, Life
from slipway.intake.asker import asker_findings
from slipway.intake.requests import Requested, RequestKind
from slipway.intake.spec_hash import spec_hash
from slipway.intake.triggers import Asked, NotARelease, findings, read
from slipway.release.ending import was_touched
from slipway.release.naming import newest, release_id
from slipway.release.parts import pins_of
from slipway.release.phases import Phase
from slipway.release.release import Kind, ObjectRef, Release
from slipway.release.verdicts import Answer, Finding, Outcome, Verdict, refused
from slipway.steps.aborting import abort
from slipway.steps.approving import approve
from slipway.steps.asking import asker_of
from slipway.steps.outranking import Meant, meant, stop
from slipway.steps.pairing import Pair, pair_of
from slipway.steps.work import Work


def read_release(work: Work) -> Verdict:
    """Answer ACCEPTED, REFUSED, NOTHING, ROLLBACK or RECOVER, with the release's id."""
    trigger = read(work.request.event, work.tools.settings.artifact_bucket)
    match trigger:
        case NotARelease():
            return _nothing(trigger.reason)
        case Requested(kind=RequestKind.RECOVER):
            return _recover(work, trigger.release)
        case Requested(kind=RequestKind.ROLLBACK):
            return _roll_back(work, trigger)
        case Requested(kind=RequestKind.ABORT):
            return _nothing(abort(work, trigger))
        case Requested(kind=RequestKind.APPROVE):
            return _nothing(approve(work, trigger))
    pair = pair_of(work, trigger)
    if isinstance(pair, NotARelease):
        return _nothing(pair.reason)
    return _release(work, trigger, pair)


def _nothing(reason: str) -> Verdict:
    return Verdict(Answer.NOTHING, reason, route={"release": "", "kind": ""})


def _release(work: Work, trigger: Asked, pair: Pair) -> Verdict:
    release = _new(work, Kind.RELEASE, pair.endpoint, pair.order)
    release = replace(
        release,
        artifact=pair.artifact,
        spec=pair.spec,
        spec_source=pair.spec_source,
        requested_by=asker_of(work, trigger, pair.artifact),
    )
    asker = asker_findings(pair.spec, release.requested_by) if pair.spec else ()
    found = (*findings(trigger), *pair.findings, *asker)
    hashed = {"spec_hash": spec_hash(pair.spec)} if pair.spec else {}
    return _begin(work, release, pair.spec_version, found, Answer.ACCEPTED, {**hashed, **pair.facts})


def _roll_back(work: Work, asked: Requested) -> Verdict:
    release = _new(work, Kind.ROLLBACK, asked.endpoint, asked.at or work.request.started)
    found = tuple(findings(asked))
    wish = Meant(asked.to) if found else meant(work, asked)
    release = replace(release, to=wish.to, requested_by=asked.requested_by, spec_source="event")
    facts = {"stops": wish.stops, "named": asked.to}
    verdict = _begin(work, release, f"rollback@{_event_id(work)}", found, Answer.ROLLBACK, facts)
    if wish.stops and verdict.answer is Answer.ROLLBACK:
        stop(work, wish.stops, f"the rollback {release.id}")
    return verdict


def _new(work: Work, kind: Kind, endpoint: str, order: str) -> Release:
    execution = work.request.execution
    claimed_at = work.tools.ledger.now()
    identifier = release_id(endpoint, datetime.fromisoformat(work.request.started), execution)
    return Release(
        id=identifier,
        kind=kind,
        endpoint=endpoint,
        execution=execution,
        order=f"{newest(order)}~{claimed_at}",
        requested_at=claimed_at,
    )


def _begin(
    work: Work,
    release: Release,
    spec_version: str,
    found: tuple[Finding, ...],
    answer: Answer,
    facts: dict[str, Any] | None = None,
) -> Verdict:
    """Claim the pair, open the release, and write down how it was read."""
    ledger = work.tools.ledger
    drop = release.artifact or ObjectRef("event", _event_id(work))
    standing = ledger.claim(drop, spec_version, release.id, release.execution)
    if standing is not None:
        release, duplicate = _again(work, release, standing)
        if duplicate:
            return _nothing(duplicate)
    ledger.open(release)
    if was_touched(release):
        return Verdict(Answer.RECOVER, f"recovering {release.id}", route={"release": release.id, "kind": "recover"})
    route = {"release": release.id, "kind": release.kind.value}
    said = {**(facts or {}), **pins_of(release)}
    verdict = refused(*found) if found else Verdict(answer, f"spec from {release.spec_source}", facts=said)
    ledger.conclude(release, Phase.READ_RELEASE, verdict, work.began)
    return replace(verdict, route=route)


def _again(work: Work, release: Release, standing: Item) -> tuple[Release, str]:
    """Judge a pair that was claimed before: a retried first step, a duplicate, or a death to take over from.

    Returns:
        The release to go on with, and why not to, if it is a duplicate.
    """
    ledger, claimed = work.tools.ledger, standing["release"]
    if standing["execution"] == release.execution:
        return _standing(work, replace(release, id=claimed)), ""
    if work.tools.executions.life(standing["execution"]) is Life.RUNNING:
        return release, f"a duplicate: release {claimed} is under way with this pair"
    try:
        before = ledger.release(claimed)
    except ReleaseNotFoundError:
        taken = ledger.claim_over(standing, release.id, release.execution)
        return release, "" if taken else "a duplicate: another execution was faster"
    if before.outcome is not None:
        return release, f"a duplicate: release {claimed} ended {before.outcome} with this pair"
    if not ledger.claim_over(standing, claimed, release.execution):
        return release, "a duplicate: another execution was faster"
    return ledger.adopt(before, release.execution), ""


def _standing(work: Work, release: Release) -> Release:
    """Give the release of our own claim as the ledger tells it: what was taken over may have touched its endpoint."""
    try:
        before = work.tools.ledger.release(release.id)
    except ReleaseNotFoundError:
        return release
    return before if before.execution == release.execution else work.tools.ledger.adopt(before, release.execution)


def _recover(work: Work, identifier: str) -> Verdict:
    ledger = work.tools.ledger
    try:
        release = ledger.release(identifier)
    except ReleaseNotFoundError as error:
        return _nothing(str(error))
    if release.answer(Phase.CLOSE_RELEASE) is Answer.CLOSED and release.outcome is not Outcome.NEEDS_HUMAN:
        return _nothing(f"release {identifier} ended {release.outcome}; there is nothing to recover")
    if release.execution != work.request.execution:
        if work.tools.executions.life(release.execution) is Life.RUNNING:
            return _nothing(f"the execution of release {identifier} still runs; there is nothing to recover")
        try:
            ledger.adopt(release, work.request.execution)
        except LedgerConflictError:
            return _nothing(f"another execution was faster to recover release {identifier}")
    return Verdict(Answer.RECOVER, f"recovering {identifier}", route={"release": identifier, "kind": "recover"})


def _event_id(work: Work) -> str:
    return str((work.request.event or {}).get("id", work.request.execution))

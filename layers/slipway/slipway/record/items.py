"""The shapes of a release in the ledger: its claim, its phases, who waits for it, and how they are read back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from slipway.record.decisions import decisions_from
from slipway.release.phases import Phase
from slipway.release.release import Kind, ObjectRef, PhaseRecord, Release
from slipway.release.verdicts import Answer, Outcome, finding_from, finding_item

if TYPE_CHECKING:
    from slipway.release.spec import ReleaseSpec

Item = dict[str, Any]
OPEN = "OPEN"
META = "META"
ABORT = "ABORT"


def drop_pk(artifact: ObjectRef) -> str:
    """Key the claims on one version of one artifact."""
    return f"DROP#{artifact.uri}@{artifact.version}"


def release_pk(release: str) -> str:
    """Key everything of one release."""
    return f"RELEASE#{release}"


def token_pk(release: str) -> str:
    """Key the task tokens of one release."""
    return f"TOKEN#{release}"


def alarm_pk(alarm: str) -> str:
    """Key the releases that listen to one alarm."""
    return f"ALARM#{alarm}"


def phase_sk(phase: Phase) -> str:
    """Sort phases in the order in which a release meets them."""
    return f"PHASE#{phase.ordinal:02d}-{phase}"


def claim_item(artifact: ObjectRef, spec_version: str, release: str, execution: str, at: str) -> Item:
    """Write down that this execution releases this pair."""
    return {
        "pk": drop_pk(artifact),
        "sk": spec_version,
        "release": release,
        "execution": execution,
        "at": at,
    }


def meta_item(release: Release, *, is_open: bool) -> Item:
    """Write a release; until it is closed to the end it also stands in the sparse index of open releases."""
    item: Item = {
        "pk": release_pk(release.id),
        "sk": META,
        "release": release.id,
        "kind": release.kind.value,
        "endpoint": release.endpoint,
        "execution": release.execution,
        "order": release.order,
        "requested_at": release.requested_at,
        "requested_by": release.requested_by,
        "artifact": asdict(release.artifact) if release.artifact else None,
        "spec": asdict(release.spec) if release.spec else None,
        "spec_source": release.spec_source,
        "to": release.to,
        "outcome": release.outcome.value if release.outcome else None,
        "reason": release.reason,
    }
    if is_open:
        item |= {"open_pk": OPEN, "open_sk": f"{release.requested_at}~{release.id}"}
    return item


def abort_item(release: str, by: str, at: str) -> Item:
    """Write down that somebody wants a release to stop; its own execution sees it at its next look."""
    return {"pk": release_pk(release), "sk": ABORT, "by": by, "at": at}


def phase_item(release: str, record: PhaseRecord) -> Item:
    """Write one phase of a release."""
    return {
        "pk": release_pk(release),
        "sk": phase_sk(record.phase),
        "phase": record.phase.value,
        "answer": record.answer.value if record.answer else None,
        "reason": record.reason,
        "findings": [finding_item(finding) for finding in record.findings],
        "intent": record.intent,
        "facts": record.facts,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
    }


def release_from(items: list[Item]) -> Release | None:
    """Read a release from all items of its partition; None when its META is not among them."""
    meta = next((item for item in items if item["sk"] == META), None)
    if meta is None:
        return None
    phases = [phase_from(item) for item in items if item["sk"].startswith("PHASE#")]
    return Release(
        id=meta["release"],
        kind=Kind(meta["kind"]),
        endpoint=meta["endpoint"],
        execution=meta["execution"],
        order=meta["order"],
        requested_at=meta["requested_at"],
        requested_by=meta["requested_by"],
        artifact=ObjectRef(**meta["artifact"]) if meta.get("artifact") else None,
        spec=_spec_from(meta["spec"]) if meta.get("spec") else None,
        spec_source=meta["spec_source"],
        to=meta["to"],
        outcome=Outcome(meta["outcome"]) if meta.get("outcome") else None,
        reason=meta["reason"],
        aborted_by=next((item["by"] for item in items if item["sk"] == ABORT), ""),
        decisions=decisions_from(items),
        phases={record.phase: record for record in phases},
    )


def _spec_from(item: Item) -> ReleaseSpec:
    """Read a spec back; its records are loaded here, since who only wakes others reads none (they cost 30 ms)."""
    from slipway.release.spec import spec_from

    return spec_from(item)


def phase_from(item: Item) -> PhaseRecord:
    """Read one phase back."""
    return PhaseRecord(
        phase=Phase(item["phase"]),
        answer=Answer(item["answer"]) if item.get("answer") else None,
        reason=item["reason"],
        findings=tuple(finding_from(finding) for finding in item["findings"]),
        intent=item["intent"],
        facts=item["facts"],
        started_at=item["started_at"],
        ended_at=item["ended_at"],
    )

"""The shapes of the ledger: how a release, a turn or a live pointer lies in the table, and how it is read back."""

from dataclasses import asdict
from typing import Any

from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, ObjectRef, PhaseRecord, Release, Turn
from slipway.release.spec import spec_from, spec_item
from slipway.release.verdicts import Answer, Outcome, finding_from, finding_item

Item = dict[str, Any]
OPEN = "OPEN"
META = "META"
ABORT = "ABORT"
TURN = "TURN"
LIVE = "LIVE"
ENDPOINTS = "ENDPOINTS"


def drop_pk(artifact: ObjectRef) -> str:
    """Key the claims on one version of one artifact."""
    return f"DROP#{artifact.uri}@{artifact.version}"


def release_pk(release: str) -> str:
    """Key everything of one release."""
    return f"RELEASE#{release}"


def endpoint_pk(endpoint: str) -> str:
    """Key everything of one endpoint; SageMaker compares names without case at create, so does the ledger."""
    return f"ENDPOINT#{endpoint.lower()}"


def token_pk(release: str) -> str:
    """Key the task tokens of one release."""
    return f"TOKEN#{release}"


def alarm_pk(alarm: str) -> str:
    """Key the releases that listen to one alarm."""
    return f"ALARM#{alarm}"


def phase_sk(phase: Phase) -> str:
    """Sort phases in the order in which a release meets them."""
    return f"PHASE#{phase.ordinal:02d}-{phase}"


def history_sk(release: Release) -> str:
    """Sort an endpoint's history by the time of the claim; ids of one second sort by a hash."""
    return f"REL#{release.requested_at}~{release.id}"


def endpoint_item(endpoint: str) -> Item:
    """Write down that a release was for this endpoint; SageMaker may not know it any more."""
    return {"pk": ENDPOINTS, "sk": endpoint_pk(endpoint), "endpoint": endpoint}


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
        "spec": spec_item(release.spec) if release.spec else None,
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
        spec=spec_from(meta["spec"]) if meta.get("spec") else None,
        spec_source=meta["spec_source"],
        to=meta["to"],
        outcome=Outcome(meta["outcome"]) if meta.get("outcome") else None,
        reason=meta["reason"],
        aborted_by=next((item["by"] for item in items if item["sk"] == ABORT), ""),
        phases={record.phase: record for record in phases},
    )


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


def turn_item(turn: Turn) -> Item:
    """Write the turn of an endpoint."""
    return {"pk": endpoint_pk(turn.endpoint), "sk": TURN, **asdict(turn)}


def turn_from(item: Item) -> Turn:
    """Read the turn of an endpoint back."""
    return Turn(item["endpoint"], item["fence"], item["holder"], item["execution"], item.get("next"))


def live_item(live: Live) -> Item:
    """Write what an endpoint serves well."""
    return {"pk": endpoint_pk(live.endpoint), "sk": LIVE, **asdict(live)}


def live_from(item: Item) -> Live:
    """Read what an endpoint serves well back."""
    names = ("endpoint", "release", "config", "model", "digest", "spec_hash", "at")
    return Live(**{name: item[name] for name in names}, previous=item.get("previous"))


def history_item(release: Release, outcome: Outcome, reason: str, at: str) -> Item:
    """Write one line of an endpoint's history."""
    return {
        "pk": endpoint_pk(release.endpoint),
        "sk": history_sk(release),
        "release": release.id,
        "kind": release.kind.value,
        "outcome": outcome.value,
        "reason": reason,
        "at": at,
        "requested_at": release.requested_at,
        "artifact": release.artifact.uri if release.artifact else "",
        "version": drop_version(release.artifact),
        "digest": release.fact(Phase.VERIFY_ARTIFACT, "digest", ""),
        "model": release.intent(Phase.CREATE_MODEL, "model") or release.fact(Phase.CREATE_MODEL, "model", ""),
        "config": release.intent(Phase.CREATE_CONFIG, "config") or release.fact(Phase.CREATE_CONFIG, "config", ""),
    }


def drop_version(artifact: ObjectRef | None) -> str:
    """Read the version folder out of a drop's key (`models/<endpoint>/<version>/…`)."""
    parts = artifact.key.split("/") if artifact else []
    return parts[2] if len(parts) > 3 and parts[0] == "models" else ""

"""The shapes of an endpoint in the ledger: whose turn it is, what is live, its history; and how they are read back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from slipway.release.parts import digests_of
from slipway.release.phases import Phase
from slipway.release.release import Live, ObjectRef, Release, Turn, models_of
from slipway.release.verdicts import Outcome

Item = dict[str, Any]
TURN = "TURN"
LIVE = "LIVE"
ENDPOINTS = "ENDPOINTS"


def endpoint_pk(endpoint: str) -> str:
    """Key everything of one endpoint; SageMaker compares names without case at create, so does the ledger."""
    return f"ENDPOINT#{endpoint.lower()}"


def history_sk(release: Release) -> str:
    """Sort an endpoint's history by the time of the claim; ids of one second sort by a hash."""
    return f"REL#{release.requested_at}~{release.id}"


def endpoint_item(endpoint: str) -> Item:
    """Write down that a release was for this endpoint; SageMaker may not know it any more."""
    return {"pk": ENDPOINTS, "sk": endpoint_pk(endpoint), "endpoint": endpoint}


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
    known = {name: item[name] for name in names}
    return Live(**known, previous=item.get("previous"), models=tuple(item.get("models", ())))


def models_in(item: Mapping[str, Any]) -> set[str]:
    """Name all models that a line of the history, or what is live, serves from."""
    return {item.get("model", ""), *item.get("models", ())} - {""}


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
        "parts": digests_of(release)[1:],
        "model": release.intent(Phase.CREATE_MODEL, "model") or release.fact(Phase.CREATE_MODEL, "model", ""),
        "models": list(models_of(release)),
        "config": release.intent(Phase.CREATE_CONFIG, "config") or release.fact(Phase.CREATE_CONFIG, "config", ""),
    }


def drop_version(artifact: ObjectRef | None) -> str:
    """Read the version folder out of a drop's key (`models/<endpoint>/<version>/…`)."""
    parts = artifact.key.split("/") if artifact else []
    return parts[2] if len(parts) > 3 and parts[0] == "models" else ""

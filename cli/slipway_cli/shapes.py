"""What programs read: releases and endpoints as JSON."""

from dataclasses import asdict
from typing import Any

from slipway.exchanges import Item
from slipway.ledger import Ledger
from slipway.record.announcements import next_command
from slipway.record.durations import read, seconds_between
from slipway.record.endpoint_items import drop_version
from slipway.record.progress import records
from slipway.release.phases import Phase
from slipway.release.release import Live, PhaseRecord, Release


def release_shape(release: Release) -> dict[str, Any]:
    """Give everything that is known of a release."""
    return {
        "release": release.id,
        "kind": release.kind.value,
        "endpoint": release.endpoint,
        "version": drop_version(release.artifact),
        "outcome": release.outcome.value if release.outcome else None,
        "reason": release.reason,
        "artifact": release.artifact.uri if release.artifact else None,
        "digest": release.fact(Phase.VERIFY_ARTIFACT, "digest"),
        "spec_source": release.spec_source,
        "requested_at": release.requested_at,
        "requested_by": release.requested_by,
        "decisions": [{**asdict(said), "gate": said.gate.value} for said in release.decisions.values()],
        "phases": [phase_shape(record) for record in records(release)],
        "next": next_command(release, release.outcome),
    }


def phase_shape(record: PhaseRecord) -> dict[str, Any]:
    """Give one phase; `seconds` is null while it runs."""
    ended = record.ended_at
    return {
        "phase": record.phase.value,
        "state": record.phase.state,
        "answer": record.answer.value if record.answer else None,
        "reason": record.reason,
        "findings": [str(finding) for finding in record.findings],
        "started_at": record.started_at,
        "ended_at": ended or None,
        "seconds": seconds_between(record.started_at, ended, read(ended)) if ended else None,
    }


def variant_shapes(described: Item) -> list[dict[str, Any]]:
    """Give the variants that an endpoint serves: their parts of the traffic, 0 to 1, and their instances.

    Args:
        described: the answer of DescribeEndpoint; empty where there is none.
    """
    variants = described.get("ProductionVariants") or []
    total = sum(each.get("CurrentWeight") or 0 for each in variants)
    return [
        {
            "name": each["VariantName"],
            "share": round((each.get("CurrentWeight") or 0) / total, 4) if total else 0.0,
            "instances": each.get("CurrentInstanceCount"),
        }
        for each in variants
    ]


def coming_shape(described: Item) -> dict[str, Any] | None:
    """Give what SageMaker is deploying: the config, and how many instances of each variant take traffic so far.

    Args:
        described: the answer of DescribeEndpoint; empty where there is none.

    Returns:
        None while nothing is being deployed. `instances` of `of` take traffic; both are null without instances.
    """
    pending = described.get("PendingDeploymentSummary")
    if not pending:
        return None
    coming = [(each, (each.get("VariantStatus") or [{}])[0]) for each in pending.get("ProductionVariants") or []]
    variants = [
        {
            "name": each["VariantName"],
            "instances": each.get("CurrentInstanceCount"),
            "of": each.get("DesiredInstanceCount"),
            "status": said.get("Status", ""),
            "told": said.get("StatusMessage", ""),
        }
        for each, said in coming
    ]
    return {"config": pending["EndpointConfigName"], "variants": variants}


def live_shape(live: Live, ledger: Ledger) -> dict[str, Any]:
    """Give what an endpoint serves well."""
    return {
        "release": live.release,
        "version": drop_version(ledger.release(live.release).artifact),
        "config": live.config,
        "model": live.model,
        "digest": live.digest,
        "since": live.at,
    }

"""What people are told of a release: a subject, a text with the reason and the next command, and the same as data."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from slipway.release.phases import Phase
from slipway.release.release import Release, waits_at
from slipway.release.verdicts import Answer, Finding, Outcome

WORDS = {
    Outcome.LIVE: "is live",
    Outcome.UNCHANGED: "was live already",
    Outcome.SUPERSEDED: "was superseded",
    Outcome.REJECTED: "was rejected",
    Outcome.ROLLED_BACK: "was rolled back",
    Outcome.NEEDS_HUMAN: "needs a human",
}


def subject(release: Release, outcome: Outcome) -> str:
    """Say in one line what happened; it fits the 100 characters of an SNS subject."""
    return f"{release.endpoint}: release {WORDS[outcome]}"[:100]


def text(release: Release, outcome: Outcome, reason: str) -> str:
    """Tell the whole story: what, why, what was found, what to do next."""
    lines = [f"Release {release.id} of endpoint {release.endpoint} {WORDS[outcome]}.", "", f"Reason: {reason}"]
    lines += [f"- {finding}" for finding in all_findings(release)]
    return "\n".join([*lines, "", f"Next: {next_command(release, outcome)}", *whom_to_ask(release)])


def whom_to_ask(release: Release) -> Sequence[str]:
    """Give the lines that end every message: who owns it, and the spec's links."""
    if release.spec is None:
        return ()
    owner = [f"Owner: {release.spec.owner}"] if release.spec.owner else []
    return [*owner, *(f"{name}: {address}" for name, address in release.spec.links.items())]


def approve_command(release: Release) -> str:
    """Give the command that lets a release go on that waits for a human."""
    return f"slipway approve {release.id}"


def next_command(release: Release, outcome: Outcome | None) -> str:
    """Give the exact command that helps from here."""
    match outcome:
        case None:
            return approve_command(release) if waits_at(release) else f"slipway watch {release.endpoint}"
        case Outcome.LIVE | Outcome.UNCHANGED | Outcome.SUPERSEDED:
            return f"slipway status {release.endpoint}"
        case Outcome.REJECTED | Outcome.ROLLED_BACK:
            return f"slipway logs {release.id}"
        case Outcome.NEEDS_HUMAN:
            return _ways_out(release)


def _ways_out(release: Release) -> str:
    """Give the commands between which a human decides; a mix of fleets needs another update, whichever way."""
    live = release.fact(Phase.VERIFY_CONFIG, "live", "")
    is_mixed = any(record.answer is Answer.STUCK for record in release.phases.values())
    back = f"slipway rollback {release.endpoint} --to {live}" if live and is_mixed else f"slipway recover {release.id}"
    forward = f"slipway release <model.tar.gz> --endpoint {release.endpoint} --version <new> --force"
    return f"slipway logs {release.id}, look at the endpoint, then back: {back}, or forward: {forward}"


def detail(release: Release, outcome: Outcome, reason: str) -> dict[str, Any]:
    """Give the event's detail and the report's content: the release, its end, and every phase."""
    return {
        "release": release.id,
        "kind": release.kind.value,
        "endpoint": release.endpoint,
        "outcome": outcome.value,
        "reason": reason,
        "artifact": release.artifact.uri if release.artifact else None,
        "artifact_version": release.artifact.version if release.artifact else None,
        "digest": release.fact(Phase.VERIFY_ARTIFACT, "digest"),
        "parts": release.fact(Phase.VERIFY_ARTIFACT, "parts", []),
        "spec_source": release.spec_source,
        "requested_at": release.requested_at,
        "requested_by": release.requested_by,
        "owner": release.spec.owner if release.spec else "",
        "links": dict(release.spec.links) if release.spec else {},
        "decisions": [{**asdict(said), "gate": said.gate.value} for said in release.decisions.values()],
        "phases": [_phase(release, phase) for phase in sorted(release.phases, key=lambda phase: phase.ordinal)],
        "next": next_command(release, outcome),
    }


def all_findings(release: Release) -> Sequence[Finding]:
    """Gather what the phases found, each finding once."""
    found = [finding for record in release.phases.values() for finding in record.findings]
    return list(dict.fromkeys(found))


def _phase(release: Release, phase: Phase) -> dict[str, Any]:
    record = release.phases[phase]
    return {
        "phase": phase.value,
        "answer": record.answer.value if record.answer else None,
        "reason": record.reason,
        "findings": [str(finding) for finding in record.findings],
        "started_at": record.started_at,
        "ended_at": record.ended_at,
    }

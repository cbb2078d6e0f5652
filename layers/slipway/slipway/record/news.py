"""What people are told while a release is under way: what happened, why, what it costs, and what to type now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from slipway.record.announcements import approve_command, whom_to_ask
from slipway.release.phases import Phase
from slipway.release.release import Kind, Release

if TYPE_CHECKING:
    from slipway.release.serve_spec import Serve


class News(StrEnum):
    """What is announced besides the end of a release; each is the detail type of its event."""

    STARTED = "Release Started"
    AWAITS_APPROVAL = "Release Awaits Approval"
    BAKING = "Release Baking"
    ROLLING_BACK = "Release Rolling Back"


WORDS = {
    News.STARTED: "changes the endpoint now",
    News.AWAITS_APPROVAL: "waits for approval",
    News.BAKING: "bakes",
    News.ROLLING_BACK: "is going back",
}


@dataclass(frozen=True)
class Message:
    """One thing that happened to a release."""

    news: News
    phase: Phase
    """Where it happened."""
    reason: str
    bake_cost: dict[str, Any] | None = None
    """What the bake costs, where one is coming or has begun."""


def identify(release: Release, phase: Phase) -> str:
    """Name an announcement: one that is told again, after a retry, has the same name."""
    return f"{release.id}/{phase.value}"


def subject(release: Release, message: Message) -> str:
    """Say in one line what happened."""
    return f"{release.endpoint}: release {WORDS[message.news]}"


def text(release: Release, message: Message) -> str:
    """Tell people: what, why, on what grounds, at what cost, and what to type."""
    lines = [f"Release {release.id} of endpoint {release.endpoint} {WORDS[message.news]}.", ""]
    lines += [f"Reason: {message.reason}", *(f"- {line}" for line in evidence(release))]
    if message.bake_cost:
        lines += [f"Cost of the bake: {told_cost(message.bake_cost)}"]
    first, otherwise = commands(release, message.news)
    lines += ["", f"Next: {first}", *([f"Or: {otherwise}"] if otherwise else [])]
    return "\n".join([*lines, *whom_to_ask(release)])


def detail(release: Release, message: Message) -> dict[str, Any]:
    """Give the same as data."""
    first, otherwise = commands(release, message.news)
    waits = message.news is News.AWAITS_APPROVAL
    return {
        "id": identify(release, message.phase),
        "release": release.id,
        "kind": release.kind.value,
        "endpoint": release.endpoint,
        "phase": message.phase.value,
        "reason": message.reason,
        "evidence": list(evidence(release)),
        "bake_cost": message.bake_cost,
        "requested_at": release.requested_at,
        "requested_by": release.requested_by,
        "owner": release.spec.owner if release.spec else "",
        "links": dict(release.spec.links) if release.spec else {},
        "expires_seconds": release.wanted.approval.expires_seconds if waits else None,
        "next": first,
        "otherwise": otherwise or None,
    }


def commands(release: Release, news: News) -> tuple[str, str]:
    """Give the exact commands that help from here: the usual one, and the other one, empty if there is none."""
    if news is News.AWAITS_APPROVAL:
        approve = approve_command(release)
        return approve, f"{approve} --refuse"
    if news is News.ROLLING_BACK:
        return f"slipway logs {release.id}", ""
    return f"slipway watch {release.endpoint}", f"slipway abort {release.id}"


def evidence(release: Release) -> Iterator[str]:
    """Say what is known of a release so far."""
    if release.requested_by:
        yield f"asked for by {release.requested_by}"
    if release.kind is Kind.RELEASE:
        yield from _pair(release)
    for decision in release.decisions.values():
        yield str(decision)
    for phase in (Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS):
        record = release.phases.get(phase)
        if record is not None and record.answer and record.reason:
            yield f"{phase.state}: {record.answer.value}, {record.reason}"


def told_cost(cost: dict[str, Any]) -> str:
    """Say what a bake costs; prices differ by region and contract, so it is told in what is bought."""
    fleet = f"{cost['instances']} x {cost['instance_type']} beside the fleet that serves"
    return f"{fleet}, for up to {cost['seconds']} s: {cost['instance_hours']:g} instance-hours"


def _fleets(release: Release) -> Iterator[str]:
    """Say what serves, of several variants what each of them does."""
    spec = release.wanted
    if not spec.variants:
        yield _fleet(spec.serve, release.fact(Phase.VERIFY_CONFIG, "instances", spec.serve.instance_count))
    counts = release.fact(Phase.VERIFY_CONFIG, "counts", {})
    for variant in spec.variants:
        instances = counts.get(variant.name, variant.serve.instance_count)
        yield f"{variant.name} (weight {variant.weight:g}): {_fleet(variant.serve, instances)}"


def _fleet(serve: Serve, instances: int) -> str:
    if serve.serverless:
        most, memory = serve.serverless.max_concurrency, serve.serverless.memory_mb
        return f"up to {most} serverless containers of {memory} MB of {serve.image}"
    images = dict.fromkeys(str(each.image) for each in serve.all_containers)
    return f"{instances} x {serve.instance_type} of {' and '.join(images)}"


def _pair(release: Release) -> Iterator[str]:
    digest = release.fact(Phase.VERIFY_ARTIFACT, "digest", "")
    if release.artifact:
        yield f"{release.artifact.uri}, sha256 {digest[:12]}"
    for part in release.fact(Phase.VERIFY_ARTIFACT, "parts", []):
        yield f"{part['artifact']}, sha256 {part['digest'][:12]}"
    yield from _fleets(release)
    before = release.fact(Phase.VERIFY_CONFIG, "before", "")
    if before:
        yield f"what served before: {before}"
    alarms = release.fact(Phase.CREATE_CONFIG, "alarms", [])
    if alarms:
        yield f"guarded by {', '.join(alarms)}"

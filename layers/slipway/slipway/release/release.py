"""What a release is: one attempt to make one pair of artifact and spec live on one endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from slipway.release.approval import GATES, Decision
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Finding, Outcome

if TYPE_CHECKING:
    from slipway.release.spec import ReleaseSpec


class Kind(StrEnum):
    """Why there is a release."""

    RELEASE = "release"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class ObjectRef:
    """One version of one S3 object."""

    bucket: str
    key: str
    version: str = ""
    """VersionId; empty where the bucket has none."""

    @property
    def uri(self) -> str:
        """The object as s3://bucket/key."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class PhaseRecord:
    """What the ledger holds of one phase of a release."""

    phase: Phase
    answer: Answer | None
    """None while the phase runs: its intent is written, its result is not."""
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    intent: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    started_at: str = ""
    ended_at: str = ""


@dataclass(frozen=True)
class Live:
    """The release that an endpoint is known to serve well: what every rollback goes back to."""

    endpoint: str
    release: str
    config: str
    model: str
    """Of several models the first."""
    digest: str
    """Of all that it serves (`parts.content_digest`)."""
    spec_hash: str
    previous: dict[str, Any] | None = None
    """The Live before this one, without its own `previous`."""
    at: str = ""
    models: tuple[str, ...] = ()
    """All of them where its variants have several."""


@dataclass(frozen=True)
class Turn:
    """The right to change an endpoint: a lease with a fence that grows with every holder."""

    endpoint: str
    fence: int
    holder: str = ""
    """Release that has the turn; empty when it is free."""
    execution: str = ""
    """Execution that acts for the holder; asked whether it lives."""
    next: dict[str, Any] | None = None
    """The one contender that waits: {release, order}."""


@dataclass(frozen=True)
class Release:
    """A release as the ledger tells it."""

    id: str
    kind: Kind
    endpoint: str
    execution: str
    order: str
    """Sorts releases of one endpoint by how new they are: LastModified of the drop, then the claim."""
    requested_at: str
    requested_by: str = ""
    artifact: ObjectRef | None = None
    spec: ReleaseSpec | None = None
    spec_source: str = ""
    """Where the spec came from: an S3 URI, 'event', or 'stack defaults'."""
    to: str = ""
    """Rollback only: the release to go back to; empty for the one before."""
    outcome: Outcome | None = None
    reason: str = ""
    aborted_by: str = ""
    """Who asked to stop it; empty if nobody did."""
    decisions: dict[Phase, Decision] = field(default_factory=dict)
    """What humans said where it waited for one."""
    phases: dict[Phase, PhaseRecord] = field(default_factory=dict)

    def fact(self, phase: Phase, name: str, default: Any = None) -> Any:
        """Look up one fact that a phase left behind."""
        record = self.phases.get(phase)
        return default if record is None else record.facts.get(name, default)

    def intent(self, phase: Phase, name: str, default: Any = None) -> Any:
        """Look up what a phase wrote down before it acted."""
        record = self.phases.get(phase)
        return default if record is None else record.intent.get(name, default)

    def answer(self, phase: Phase) -> Answer | None:
        """Look up what a phase answered, None if it has not."""
        record = self.phases.get(phase)
        return None if record is None else record.answer

    @property
    def wanted(self) -> ReleaseSpec:
        """The spec of a release that has one.

        Raises:
            ValueError: a rollback carries no spec.
        """
        if self.spec is None:
            raise ValueError(f"release {self.id} of kind {self.kind} carries no spec")
        return self.spec


def models_of(release: Release) -> tuple[str, ...]:
    """Name all models of a release that has several; empty for one of a single model."""
    known = release.fact(Phase.CREATE_MODEL, "models", {})
    return tuple(dict.fromkeys(release.intent(Phase.CREATE_MODEL, "models", ()) or known.values()))


def waits_at(release: Release) -> Phase | None:
    """Tell where a release waits for a human now, None when it does not."""
    if release.outcome is not None:
        return None
    waiting = [gate for gate in GATES if gate in release.phases and release.answer(gate) is None]
    return waiting[0] if waiting else _may_answer_early(release)


def _may_answer_early(release: Release) -> Phase | None:
    """What is to be approved before its promotion may be judged as soon as it is watched: a no is fastest then."""
    is_watched = Phase.WATCH_ALARMS in release.phases and release.answer(Phase.WATCH_ALARMS) is None
    if not is_watched or release.wanted.approval.before != "promotion":
        return None
    gate = Phase.WAIT_FOR_FINAL_APPROVAL
    return None if gate in release.decisions else gate


def is_closed(release: Release) -> bool:
    """Whether nothing of a release is left to do: it has an outcome, and its close has ended."""
    closing = release.phases.get(Phase.CLOSE_RELEASE)
    return release.outcome is not None and closing is not None and bool(closing.ended_at)

"""Which pair an event means: one version of an artifact, and the spec that goes with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.exchanges import ObjectFacts
from slipway.intake.approvals import Approved, other_data, packaged
from slipway.intake.keys import artifact_keys, spec_keys
from slipway.intake.names import endpoint_findings
from slipway.intake.spec_reading import check_spec, defaults_spec, read_spec
from slipway.intake.spec_text import SIZE_LIMIT, parse
from slipway.intake.triggers import Drop, Requested, SpecDrop
from slipway.intake.writers import who_wrote
from slipway.release.release import ObjectRef
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding
from slipway.steps.layers import Beneath, beneath, first
from slipway.steps.policing import in_force
from slipway.steps.work import Work


@dataclass(frozen=True)
class Pair:
    """What shall be released: an artifact that is there, or was, and the spec as it was read."""

    endpoint: str
    artifact: ObjectRef
    order: str
    """When the newer of its two halves was written (ISO 8601)."""
    spec: ReleaseSpec | None
    spec_source: str
    spec_version: str
    findings: tuple[Finding, ...]
    requested_by: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What later steps are to know of it besides."""


@dataclass(frozen=True)
class Wish:
    """A spec as it came: a file's text, an event's data, or nothing at all."""

    source: str = ""
    """Its S3 URI, or 'event'; empty where there is none."""
    version: str = "none"
    written_at: str = ""
    text: bytes | None = None
    data: Mapping[str, Any] | None = None

    def read(self, lower: Beneath, endpoint: str) -> ReleaseSpec | list[Finding]:
        """Read it over the layers beneath; what is wrong with those themselves is told with all the rest."""
        read = self._read(lower.values, endpoint)
        if not lower.findings:
            return read
        return [*lower.findings, *([] if isinstance(read, ReleaseSpec) else read)]

    def _read(self, defaults: Sequence[Mapping[str, Any]], endpoint: str) -> ReleaseSpec | list[Finding]:
        if self.text is not None:
            return read_spec(self.text, self.source, defaults, endpoint)
        if self.data is not None:
            return check_spec(self.data, defaults, endpoint)
        return defaults_spec(defaults, endpoint)

    def artifact(self) -> str:
        """Give the artifact's key that it names, empty if it names none or cannot be read."""
        values: Mapping[str, Any] = self.data or {}
        if self.text is not None:
            parsed = parse(self.text, self.source)
            values = {} if isinstance(parsed, Finding) else parsed.values
        named = values.get("artifact")
        return named if isinstance(named, str) else ""


def pair_of(work: Work, trigger: Drop | SpecDrop | Requested | Approved) -> Pair | None:
    """Resolve an event to its pair; None when the artifact of a spec is not there yet."""
    match trigger:
        case Drop():
            return _pair(work, trigger.endpoint, trigger.ref, _spec_beside(work, trigger.endpoint, trigger.version))
        case SpecDrop():
            found = work.tools.artifacts.head(trigger.ref)
            wish = _wish_at(work, found) if found else Wish()
            candidates = _candidates(wish, trigger)
            artifact = first(work.tools.artifacts, candidates)
            if artifact is None and not _names_badly(work, wish, trigger.endpoint):
                return None
            return _pair(work, trigger.endpoint, artifact.ref if artifact else candidates[0], wish) if found else None
        case Requested():
            return _requested(work, trigger)
        case Approved():
            return _approved(work, trigger)


def _requested(work: Work, asked: Requested) -> Pair:
    """A request names its artifact; one that is not there is a finding, since nothing else would ever start it."""
    event = work.request.event or {}
    version = f"event@{event.get('id', work.request.execution)}"
    wish = Wish("event", version, asked.at, data=asked.spec or {})
    artifact = ObjectRef(work.tools.settings.artifact_bucket, wish.artifact() or f"models/{asked.endpoint}/")
    return replace(_pair(work, asked.endpoint, artifact, wish), requested_by=asked.requested_by)


def _approved(work: Work, approved: Approved) -> Pair:
    """Take exactly the package that was approved; the layers of its endpoint lie beneath what it says."""
    bucket = work.tools.settings.artifact_bucket
    asked = packaged(approved, work.tools.hosting.describe_package(approved.package), bucket)
    wish = Wish(approved.package, f"package@{approved.package}", approved.at, data=asked.values)
    ref = ObjectRef(bucket, asked.key or f"models/{asked.endpoint}/")
    pair = _pair(work, asked.endpoint, ref, wish)
    facts = work.tools.artifacts.head(pair.artifact)
    other = other_data(asked.etag, facts.etag, pair.artifact.uri) if facts else ()
    found = (*endpoint_findings(asked.endpoint, approved.package), *asked.findings, *other)
    return replace(pair, findings=found or pair.findings, requested_by="approval in the model registry")


def _candidates(wish: Wish, trigger: SpecDrop) -> list[ObjectRef]:
    named = wish.artifact()
    keys = [named] if named else artifact_keys(trigger.endpoint, trigger.version)
    return [ObjectRef(trigger.ref.bucket, key) for key in keys]


def _names_badly(work: Work, wish: Wish, endpoint: str) -> bool:
    """Whether a spec names an artifact and is wrong: then waiting for that artifact would be waiting for ever."""
    read = wish.read(_beneath(work, endpoint), endpoint)
    return bool(wish.artifact()) and not isinstance(read, ReleaseSpec)


def _spec_beside(work: Work, endpoint: str, version: str) -> Wish:
    bucket = work.tools.settings.artifact_bucket
    found = first(work.tools.artifacts, [ObjectRef(bucket, key) for key in spec_keys(endpoint, version)])
    return _wish_at(work, found) if found else Wish()


def _wish_at(work: Work, found: ObjectFacts) -> Wish:
    text = work.tools.artifacts.read(found.ref, SIZE_LIMIT)
    uri = found.ref.uri
    return Wish(uri, f"{uri}@{found.ref.version}", found.modified_at.isoformat(), text=text)


def _beneath(work: Work, endpoint: str) -> Beneath:
    settings = work.tools.settings
    return beneath(work.tools.artifacts, settings.artifact_bucket, settings.stack_defaults, endpoint)


def _pair(work: Work, endpoint: str, ref: ObjectRef, wish: Wish) -> Pair:
    facts, policy = work.tools.artifacts.head(ref), in_force(work.tools)
    lower = _beneath(work, endpoint)
    read = wish.read(lower, endpoint)
    findings = policy.admit(endpoint, who_wrote(work.request.event), work.tools.clock.now())
    findings += policy.judge(read) if isinstance(read, ReleaseSpec) else read
    if facts is None:
        findings = [*findings, _absent(ref)]
    elif isinstance(read, ReleaseSpec) and read.artifact not in (None, ref.key):
        findings = [_names_another(read.artifact or "", ref, wish)]
    written = facts.modified_at.isoformat() if facts else work.request.started
    return Pair(
        endpoint=endpoint,
        artifact=facts.ref if facts else ref,
        order=max(written, wish.written_at),
        spec=read if isinstance(read, ReleaseSpec) else None,
        spec_source=wish.source or lower.source,
        spec_version=wish.version,
        findings=tuple(findings),
        facts=policy.facts,
    )


def _absent(ref: ObjectRef) -> Finding:
    message = "The artifact is not there, or not any more."
    return Finding("ARTIFACT_ABSENT", message, "Upload it (again).", ref.uri)


def _names_another(named: str, ref: ObjectRef, wish: Wish) -> Finding:
    message = f"The spec names the artifact {named!r}, but {ref.key!r} was dropped beside it."
    return Finding(
        "ARTIFACT_MISMATCH", message, "Leave `artifact` out of a spec that lies beside its artifact.", wish.source
    )

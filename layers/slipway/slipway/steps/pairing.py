"""Which pair an event means: one version of an artifact, and the spec that goes with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.exchanges import ObjectFacts
from slipway.intake.approvals import Approved, Packaged, other_data, packaged
from slipway.intake.keys import artifact_keys, spec_keys
from slipway.intake.names import endpoint_findings
from slipway.intake.requests import Requested
from slipway.intake.sources import located
from slipway.intake.triggers import Asked, Drop, NotARelease, SpecDrop, read_key
from slipway.intake.writers import who_wrote
from slipway.release.naming import newest
from slipway.release.parts import further, seen_in
from slipway.release.release import ObjectRef
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding
from slipway.steps.layers import Beneath, beneath, first, spec_text
from slipway.steps.pinning import Pinned, pinned
from slipway.steps.policing import InForce, in_force
from slipway.steps.signing import signature_beside, unsigned
from slipway.steps.sources import look, upload_of, written_at
from slipway.steps.wish import Wish
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
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What later steps are to know of it besides."""


def pair_of(work: Work, trigger: Asked) -> Pair | NotARelease:
    """Resolve an event to its pair; or say why there is none (yet)."""
    match trigger:
        case Drop(by_signature=True) if not work.tools.settings.signing_keys:
            return NotARelease("signatures are not looked at here (the stack's parameter SigningKeys is empty)")
        case Drop(by_signature=True) if work.tools.artifacts.head(trigger.ref) is None:
            return NotARelease("the artifact of this signature is not there yet; its drop will start the release")
        case Drop():
            return _pair(work, trigger.endpoint, trigger.ref, _spec_beside(work, trigger.endpoint, trigger.version))
        case SpecDrop():
            found = work.tools.artifacts.head(trigger.ref)
            pair = _of_spec(work, trigger, _wish_at(work, found, trigger.ref)) if found else None
            return pair or NotARelease("the artifact of this spec is not there yet; its drop will start the release")
        case Requested():
            return _requested(work, trigger)
        case Approved():
            return _approved(work, trigger)


def _of_spec(work: Work, trigger: SpecDrop, wish: Wish) -> Pair | None:
    """A spec may come before its artifact; not if it is wrong, or if the artifact's upload would start nothing."""
    artifacts, bucket = work.tools.artifacts, work.tools.settings.artifact_bucket
    beside = [ObjectRef(bucket, key) for key in artifact_keys(trigger.endpoint, trigger.version)]
    ref = wish.artifact(bucket)
    if ref is None:
        facts = first(artifacts, beside)
        ref = facts.ref if facts else beside[0]
    else:
        facts, _ = look(work.tools, ref)
    starts = ref.bucket == bucket and isinstance(read_key(ref), Drop)
    if facts is None and starts and not (wish.named and _is_wrong(work, wish, trigger.endpoint)):
        return None
    return _pair(work, trigger.endpoint, ref, wish)


def _requested(work: Work, asked: Requested) -> Pair:
    """A request names its artifact; one that is not there is a finding, since nothing else would ever start it."""
    event = work.request.event or {}
    version = f"event@{event.get('id', work.request.execution)}"
    wish = Wish("event", version, asked.at, data=asked.spec or {})
    bucket = work.tools.settings.artifact_bucket
    artifact = wish.artifact(bucket) or ObjectRef(bucket, f"models/{asked.endpoint}")
    return _pair(work, asked.endpoint, artifact, wish)


def _approved(work: Work, approved: Approved) -> Pair:
    """Take exactly the package that was approved; the layers of its endpoint lie beneath what it says."""
    settings, described = work.tools.settings, work.tools.hosting.describe_package(approved.package)
    asked = packaged(approved, described, settings.artifact_bucket, settings.source_buckets)
    wish = Wish(approved.package, f"package@{approved.package}", approved.at, data=asked.values)
    ref = asked.data or ObjectRef(settings.artifact_bucket, f"models/{asked.endpoint}")
    pair = _pair(work, asked.endpoint, ref, wish)
    found = (*endpoint_findings(asked.endpoint, approved.package), *asked.findings, *_exchanged(work, asked, pair))
    return replace(pair, findings=found or pair.findings)


def _exchanged(work: Work, asked: Packaged, pair: Pair) -> Iterator[Finding]:
    """Tell of data that is not what was registered."""
    for name, ref in {"": pair.artifact, **seen_in(pair.facts)}.items():
        facts, _ = look(work.tools, ref)
        if facts is not None:
            yield from other_data(asked.etags.get(name, ""), facts.etag, ref.uri)


def _is_wrong(work: Work, wish: Wish, endpoint: str) -> bool:
    """Whether a spec is wrong by itself: then waiting for its artifact would be waiting for ever."""
    return not isinstance(wish.read(_beneath(work, endpoint), endpoint, work.tools.settings.region), ReleaseSpec)


def _spec_beside(work: Work, endpoint: str, version: str) -> Wish:
    bucket = work.tools.settings.artifact_bucket
    found = first(work.tools.artifacts, [ObjectRef(bucket, key) for key in spec_keys(endpoint, version)])
    return _wish_at(work, found, replace(found.ref, version="")) if found else Wish()


def _wish_at(work: Work, found: ObjectFacts, named: ObjectRef) -> Wish:
    uri, written = found.ref.uri, written_at(work.tools, named, found)
    text, trouble = spec_text(work.tools.artifacts, found.ref)
    return Wish(uri, f"{uri}@{found.ref.version}", written, text=text, trouble=trouble)


def _beneath(work: Work, endpoint: str) -> Beneath:
    settings = work.tools.settings
    return beneath(work.tools.artifacts, settings.artifact_bucket, settings.stack_defaults, endpoint)


def _pair(work: Work, endpoint: str, ref: ObjectRef, wish: Wish) -> Pair:
    policy, lower = in_force(work.tools), _beneath(work, endpoint)
    facts, wrong = look(work.tools, ref)
    read = wish.read(lower, endpoint, work.tools.settings.region)
    findings = policy.admit(endpoint, who_wrote(work.request.event), work.tools.clock.now())
    findings += policy.judge(read) if isinstance(read, ReleaseSpec) else read
    signature = signature_beside(work.tools, ref) if facts else None
    if facts:
        wrong += unsigned(work.tools, ref, signature, policy.signature_required)
    parts = _parts(work, read, policy, facts)
    findings = [*findings, *wrong, *parts.findings]
    another = _named_instead(work, read, ref)
    if facts and another:
        findings = [_names_another(another, ref, wish)]
    version = wish.version if facts else f"absent@{upload_of(work)}"
    written = written_at(work.tools, ref, facts) if facts else work.request.started
    return Pair(
        endpoint=endpoint,
        artifact=facts.ref if facts else ref,
        order=newest(written, wish.written_at, signature.modified_at.isoformat() if signature else ""),
        spec=read if isinstance(read, ReleaseSpec) else None,
        spec_source=wish.source or lower.source,
        spec_version=(f"{version}+{signature.ref.version}" if signature else version),
        findings=tuple(findings),
        facts={**policy.facts, **parts.facts},
    )


def _parts(work: Work, read: ReleaseSpec | list[Finding], policy: InForce, dropped: ObjectFacts | None) -> Pinned:
    """Look at the further artifacts of a spec that could be read."""
    named = further(read) if isinstance(read, ReleaseSpec) else ()
    return pinned(work.tools, named, policy.signature_required, dropped) if named else Pinned()


def _named_instead(work: Work, read: ReleaseSpec | list[Finding], ref: ObjectRef) -> str:
    """Give the artifact that a spec names, if it is another one."""
    if not isinstance(read, ReleaseSpec) or read.artifact is None:
        return ""
    named = located(read.artifact, work.tools.settings.artifact_bucket)
    return "" if named == replace(ref, version="") else named.uri


def _names_another(named: str, ref: ObjectRef, wish: Wish) -> Finding:
    message = f"The spec names the artifact {named!r}, but {ref.key!r} was dropped beside it."
    return Finding(
        "ARTIFACT_MISMATCH", message, "Leave `artifact` out of a spec that lies beside its artifact.", wish.source
    )

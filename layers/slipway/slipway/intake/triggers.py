"""What an event asks for. An event is a hint: it says where to look, what is there is read from S3."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slipway.intake import approvals
from slipway.intake.approvals import Approved
from slipway.intake.keys import KEY, artifact_keys, why_not
from slipway.intake.names import endpoint_findings, shorten, version_findings
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding

SOURCE = "slipway.releases"
DETAIL_TYPE = "Release Requested"

_SURROGATE = re.compile("[\ud800-\udfff]")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")
_WHO_LIMIT = 200
_RELEASE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class RequestKind(StrEnum):
    """What a `Release Requested` event may ask for."""

    RELEASE = "release"
    ROLLBACK = "rollback"
    RECOVER = "recover"
    ABORT = "abort"


@dataclass(frozen=True)
class Drop:
    """An artifact was uploaded."""

    ref: ObjectRef
    endpoint: str
    version: str
    """The key's part that names the version of the model."""
    by_signature: bool = False
    """Whether not the artifact was uploaded but its signature, which may come after it."""


@dataclass(frozen=True)
class SpecDrop:
    """A spec was uploaded; it starts the pair whose artifact it names or stands beside, if that is there."""

    ref: ObjectRef
    endpoint: str
    version: str

    @property
    def artifact_keys(self) -> list[str]:
        """Keys at which the artifact may stand when the spec names none."""
        return artifact_keys(self.endpoint, self.version)


@dataclass(frozen=True)
class Requested:
    """A person or a program asks by event."""

    kind: RequestKind
    endpoint: str = ""
    """Endpoint to release to, to roll back, or whose release shall stop; a recover request needs none."""
    spec: dict[str, Any] | None = None
    """Release only: the spec as data, not yet checked."""
    to: str = ""
    """Rollback only: the release to go back to; empty for the one before."""
    release: str = ""
    """The release whose execution died, or that shall stop."""
    requested_by: str = ""
    at: str = ""
    """The event's time (ISO 8601, UTC), empty if it carries none."""


@dataclass(frozen=True)
class NotARelease:
    """Nothing to do, and why."""

    reason: str


Trigger = Drop | SpecDrop | Requested | Approved | NotARelease


def read(event: Any, bucket: str) -> Trigger:
    """Read an EventBridge event, whatever it is; it never raises.

    Args:
        event: the event as the machine's input.
        bucket: the artifact bucket; objects in any other one are none of ours.
    """
    if not isinstance(event, Mapping):
        return NotARelease("the input is not an EventBridge event")
    if "Records" in event:
        return NotARelease("this is a classic S3 notification; turn on EventBridge for the bucket instead")
    source, detail_type, detail = event.get("source"), event.get("detail-type"), event.get("detail")
    if not isinstance(detail, Mapping):
        return NotARelease("the event carries no detail")
    if source == "aws.s3" and detail_type == "Object Created":
        return _object_created(detail, bucket)
    if source == SOURCE and detail_type == DETAIL_TYPE:
        return _requested(detail, _time(event.get("time")))
    if source == "aws.sagemaker" and detail_type == approvals.DETAIL_TYPE:
        approved = approvals.read_approval(detail, _time(event.get("time")))
        return approved or NotARelease("this change of a model package approves nothing")
    return NotARelease(f"nothing is released for events {_shown(detail_type)} of {_shown(source)}")


def findings(trigger: Trigger) -> list[Finding]:
    """Tell everything about a trigger that makes it a release to be rejected."""
    match trigger:
        case Drop(ref=ref) | SpecDrop(ref=ref):
            named = endpoint_findings(trigger.endpoint, ref.key)
            return [*named, *version_findings(trigger.version, ref.key)]
        case Requested():
            return _request_findings(trigger)
        case Approved() | NotARelease():
            return []


def read_key(ref: ObjectRef) -> Drop | SpecDrop | NotARelease:
    """Read what the key of an object in the artifact bucket means; keys from EventBridge are not URL-encoded."""
    found = KEY.fullmatch(ref.key)
    if found is None:
        return NotARelease(why_not(ref.key))
    if found["signature"]:
        artifact = ObjectRef(ref.bucket, ref.key.removesuffix(".sig"))
        return Drop(artifact, found["endpoint"], found["version"], by_signature=True)
    if found["artifact"]:
        return Drop(ref, found["endpoint"], found["version"])
    return SpecDrop(ref, found["endpoint"], found["version"])


def _object_created(detail: Mapping[str, Any], bucket: str) -> Trigger:
    name, thing = _child(detail, "bucket").get("name"), _child(detail, "object")
    key, version = thing.get("key"), thing.get("version-id")
    if name != bucket:
        return NotARelease(f"the object is in the bucket {_shown(name)}, not in the artifact bucket")
    if not _text(key):
        return NotARelease("the event names no object")
    return read_key(ObjectRef(bucket, _text(key), _text(version)))


def _requested(detail: Mapping[str, Any], at: str) -> Trigger:
    kind, spec = detail.get("kind"), detail.get("spec")
    if kind not in list(RequestKind):
        kinds = ", ".join(RequestKind)
        return NotARelease(f"a request of the kind {_shown(kind)} is not known; there are {kinds}")
    wanted = dict(spec) if isinstance(spec, Mapping) else None
    return Requested(
        RequestKind(kind),
        endpoint=_text(detail.get("endpoint")) or _text((wanted or {}).get("endpoint")),
        spec=wanted,
        to=_text(detail.get("to")),
        release=_text(detail.get("release")),
        requested_by=_text(detail.get("requested_by"))[:_WHO_LIMIT],
        at=at,
    )


def _request_findings(asked: Requested) -> list[Finding]:
    found: list[Finding] = []
    if asked.kind is RequestKind.RECOVER:
        if not _RELEASE_ID.fullmatch(asked.release):
            found.append(_wrong("detail.release", "does not name the release to recover", "Give the release's id."))
        return found
    if asked.kind is RequestKind.ABORT and asked.release:
        return found
    found.extend(endpoint_findings(asked.endpoint, "detail.endpoint"))
    if asked.kind is RequestKind.RELEASE and asked.spec is None:
        found.append(_wrong("detail.spec", "carries no spec", "Put what release.yaml would say into detail.spec."))
    if asked.to and not _RELEASE_ID.fullmatch(asked.to):
        found.append(_wrong("detail.to", "does not name a release", "Give an id from `slipway history`, or nothing."))
    return found


def _wrong(where: str, what: str, next_step: str) -> Finding:
    return Finding("REQUEST_INCOMPLETE", f"The request {what}.", next_step, where)


def _child(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    child = parent.get(name)
    return child if isinstance(child, Mapping) else {}


def _text(value: Any) -> str:
    """Take a text that AWS can be asked about; half a character (a lone surrogate) cannot be sent."""
    return value if isinstance(value, str) and not _SURROGATE.search(value) else ""


def _time(value: Any) -> str:
    return value if isinstance(value, str) and _TIME.fullmatch(value) else ""


def _shown(value: Any) -> str:
    return shorten(value, 80) if isinstance(value, str) else "(none)"

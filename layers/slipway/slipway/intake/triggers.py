"""What an event asks for. An event is a hint: it says where to look, what is there is read from S3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.intake import approvals
from slipway.intake.approvals import Approved
from slipway.intake.event_values import child, shown, text, time
from slipway.intake.keys import KEY, artifact_keys, why_not
from slipway.intake.names import endpoint_findings, version_findings
from slipway.intake.requests import APPROVAL, DETAIL_TYPE, SOURCE, Requested, request_findings, requested
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding


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
class NotARelease:
    """Nothing to do, and why."""

    reason: str


Asked = Drop | SpecDrop | Requested | Approved
"""What asks for something; a request may also ask for something else than a release."""

Trigger = Asked | NotARelease


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
    if source == SOURCE and detail_type in (DETAIL_TYPE, APPROVAL):
        asked = requested(event, detail)
        return NotARelease(asked) if isinstance(asked, str) else asked
    if source == "aws.sagemaker" and detail_type == approvals.DETAIL_TYPE:
        approved = approvals.read_approval(detail, time(event.get("time")))
        return approved or NotARelease("this change of a model package approves nothing")
    return NotARelease(f"nothing is released for events {shown(detail_type)} of {shown(source)}")


def findings(trigger: Trigger) -> list[Finding]:
    """Tell everything about a trigger that makes it a release to be rejected."""
    match trigger:
        case Drop(ref=ref) | SpecDrop(ref=ref):
            named = endpoint_findings(trigger.endpoint, ref.key)
            return [*named, *version_findings(trigger.version, ref.key)]
        case Requested():
            return request_findings(trigger)
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
    name, thing = child(detail, "bucket").get("name"), child(detail, "object")
    key, version = thing.get("key"), thing.get("version-id")
    if name != bucket:
        return NotARelease(f"the object is in the bucket {shown(name)}, not in the artifact bucket")
    if not text(key):
        return NotARelease("the event names no object")
    return read_key(ObjectRef(bucket, text(key), text(version)))

"""What an approval in SageMaker's model registry asks for: exactly the package of the event, by digest and ETag."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.intake.names import readable
from slipway.intake.sources import located, source_findings
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding

DETAIL_TYPE = "SageMaker Model Package State Change"
APPROVED = "Approved"

_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/([A-Za-z0-9-]{1,63})(?:/[0-9]{1,9})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r":[^:/@]*\Z|@.*\Z")
_ENDPOINT = "endpoint"
"""Key of CustomerMetadataProperties that names the endpoint, where the group is called otherwise."""


@dataclass(frozen=True)
class Approved:
    """A model package was approved."""

    package: str
    """Its ARN; never the latest one of its group."""
    at: str = ""
    """When (ISO 8601, UTC), empty if the event does not say."""

    @property
    def group(self) -> str:
        """The group of the package, or the name of one without a group."""
        found = _ARN.fullmatch(self.package)
        return found[1] if found else ""


@dataclass(frozen=True)
class Packaged:
    """What a package asks for."""

    endpoint: str
    data: ObjectRef | None
    """Where the data of its first container stands; None when nothing may be fetched from there."""
    etags: Mapping[str, str]
    """The ETag that each artifact had when it was registered, empty if the package does not say; by the address that
    the spec names, which is empty for the first container's."""
    values: dict[str, Any]
    """What it says of how it is served, as a layer of a spec."""
    findings: tuple[Finding, ...]


def read_approval(detail: Mapping[str, Any], at: str) -> Approved | None:
    """Read an event of the registry; None when it approves nothing: only the word itself counts as approval."""
    arn, status = detail.get("ModelPackageArn"), detail.get("ModelApprovalStatus")
    if status != APPROVED or not isinstance(arn, str) or not _ARN.fullmatch(arn):
        return None
    return Approved(arn, at)


def packaged(
    trigger: Approved, described: Mapping[str, Any] | None, bucket: str, sources: Collection[str] = ()
) -> Packaged:
    """Judge what DescribeModelPackage says now.

    Args:
        trigger: the approval.
        described: the API's answer, None when there is no such package any more.
        bucket: the artifact bucket.
        sources: other buckets that artifacts may stand in.
    """
    if described is None:
        gone = Finding("PACKAGE_GONE", "The package is not there any more.", "Register it again.", trigger.package)
        return Packaged(trigger.group, None, {}, {}, (gone,))
    endpoint = described.get("CustomerMetadataProperties", {}).get(_ENDPOINT) or trigger.group
    containers: list[Mapping[str, Any]] = described.get("InferenceSpecification", {}).get("Containers", [])
    found = [*_state(described, trigger.package)]
    if not containers:
        what = "The package has no container."
        found.append(Finding("PACKAGE_CONTAINERS", what, "Register one that has.", trigger.package))
    data = [_data(each, bucket, sources) for each in containers]
    for index, (each, ref) in enumerate(zip(containers, data, strict=True), 1):
        where = f"{trigger.package} container {index}" if len(containers) > 1 else trigger.package
        found += _container(each, ref, bucket, where)
    etags = {_url(each) if index else "": _etag(each) for index, each in enumerate(containers)}
    return Packaged(endpoint, (data or [None])[0], etags, {"serve": _serve(containers)}, tuple(found))


def other_data(etag: str, found: str, where: str) -> Iterator[Finding]:
    """Tell when the data is not what was registered."""
    if etag and etag != found:
        what = f"The data has the ETag {readable(found, 60)}, but {readable(etag, 60)} was registered and approved."
        yield Finding("PACKAGE_OTHER_DATA", what, "Register what is there as a new version, and approve that.", where)


def _state(described: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for name in ("ModelApprovalStatus", "ModelPackageStatus"):
        wanted, status = (APPROVED if name == "ModelApprovalStatus" else "Completed"), described.get(name)
        if status != wanted:
            what = f"The package's {name} is {readable(str(status), 40)} by now, not {wanted}."
            yield Finding("PACKAGE_NOT_APPROVED", what, "Approve it again when it shall be released.", where)


def _container(container: Mapping[str, Any], data: ObjectRef | None, bucket: str, where: str) -> Iterator[Finding]:
    if data is None:
        what = f"The package's data is not a .tar.gz under s3://{bucket}/models/ or in a source bucket."
        yield Finding("PACKAGE_DATA_ELSEWHERE", what, "Put it there before it is registered.", where)
    digest, image = container.get("ImageDigest", ""), container.get("Image", "")
    if digest and not _DIGEST.fullmatch(digest):
        yield Finding("PACKAGE_DIGEST", "The package's ImageDigest is none.", "Register it again.", where)
    if "@" in image and digest and not image.endswith(f"@{digest}"):
        what = "The package names its image by another digest than its ImageDigest."
        yield Finding("PACKAGE_DIGEST", what, "Register it again.", where)


def _data(container: Mapping[str, Any], bucket: str, sources: Collection[str]) -> ObjectRef | None:
    url = _url(container)
    ref = located(url, bucket)
    allowed = url.startswith("s3://") and url.endswith(".tar.gz") and not any(source_findings(ref, bucket, sources))
    return ref if allowed else None


def _serve(containers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Say how a package is served: by its one container alone, or by all of them, of which the first has the drop."""
    said: list[dict[str, Any]] = [
        {"image": _image(each), "environment": dict(each.get("Environment", {}))} for each in containers
    ]
    if not said[1:]:
        return {**(said or [{}])[0], "containers": []}
    names = [str(each.get("ContainerHostname") or f"container-{index}") for index, each in enumerate(containers, 1)]
    others = ({}, *({"artifact": _url(each)} for each in containers[1:]))
    parts = zip(names, said, others, strict=True)
    return {"containers": [{"name": name, **own, **artifact} for name, own, artifact in parts]}


def _url(container: Mapping[str, Any]) -> str:
    return str(container.get("ModelDataUrl", ""))


def _etag(container: Mapping[str, Any]) -> str:
    return str(container.get("ModelDataETag", "")).strip('"')


def _image(container: Mapping[str, Any]) -> str:
    """Name the image by the digest that was registered, whatever its tag points to today."""
    image, digest = str(container.get("Image", "")), str(container.get("ImageDigest", ""))
    return f"{_TAG.sub('', image)}@{digest}" if digest else image

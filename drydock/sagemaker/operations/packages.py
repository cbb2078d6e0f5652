"""Operations on model packages, and the event that tells of each change; pure."""

from datetime import UTC, datetime
from typing import Any

from drydock.sagemaker.errors import refusal
from drydock.sagemaker.memory.registry import PACKAGE, Package
from drydock.sagemaker.memory.state import Event, State
from drydock.sagemaker.operations.listing import page_of
from drydock.sagemaker.operations.package_groups import find_group

PACKAGE_CHANGE = "SageMaker Model Package State Change"
_COMPLETED = {"ModelPackageStatus": "Completed", "ModelPackageStatusDetails": {"ValidationStatuses": []}}
_REPLACED = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


def create_package(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """CreateModelPackage: the next version of a group, or an unversioned one; validation always succeeds at once."""
    definition = dict(request)
    tags = definition.pop("Tags", [])
    definition.pop("ClientToken", None)
    name, version = _named(state, definition)
    arn = state.place.arn(PACKAGE, f"{name}/{version}" if version else name)
    if arn in state.registry.packages:
        raise refusal(f"Model Package already exists: {arn}")
    if version:
        definition.setdefault("ModelApprovalStatus", "PendingManualApproval")
    now = state.now()
    package = state.registry.packages[arn] = Package(name, arn, now, now, version, definition)
    state.tag(arn, tags)
    _tell(state, package)
    return {"ModelPackageArn": arn}


def _named(state: State, definition: dict[str, Any]) -> tuple[str, int]:
    """Give the name and version of a new package; texts as moto pull request 7165 saw them."""
    if "ModelPackageGroupName" not in definition:
        if "ModelPackageName" not in definition:
            raise refusal("Missing ARN.")
        return definition["ModelPackageName"], 0
    if "ModelPackageName" in definition:
        raise refusal(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use."
        )
    group = find_group(state, definition.pop("ModelPackageGroupName"))
    group.versions += 1
    return group.name, group.versions


def describe_package(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelPackage."""
    package = find_package(state, request["ModelPackageName"])
    return {
        "CertifyForMarketplace": False,
        **package.definition,
        **_summary(package),
        "ModelPackageName": package.name,
        "ModelPackageStatusDetails": _COMPLETED["ModelPackageStatusDetails"],
        "LastModifiedTime": package.modified if package.modified > package.created else None,
    }


def list_packages(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """ListModelPackages: the versions of a group; without one the unversioned packages, unless asked otherwise."""
    known = list(state.registry.packages.values())
    if "ModelPackageGroupName" in request:
        group = find_group(state, request["ModelPackageGroupName"])
        known = [package for package in known if package.version and package.name == group.name]
    else:
        kind = request.get("ModelPackageType", "Unversioned")
        known = [package for package in known if kind in ("Both", "Versioned" if package.version else "Unversioned")]
    wanted = request.get("ModelApprovalStatus")
    lines = [{**_summary(package), "ModelPackageName": package.name} for package in known]
    lines = [line for line in lines if wanted in (None, line["ModelApprovalStatus"])]
    page, token = page_of(request, lines, "ModelPackage")
    # Those of a group are listed without ModelPackageName. Source: aws/sagemaker-python-sdk issue 5606.
    page = [line | {"ModelPackageName": None} if line["ModelPackageVersion"] else line for line in page]
    return {"ModelPackageSummaryList": page, "NextToken": token}


def update_package(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateModelPackage."""
    package = find_package(state, request["ModelPackageArn"])
    definition = package.definition
    before = definition.get("ModelApprovalStatus")
    definition.update({name: request[name] for name in _REPLACED if name in request})
    metadata = {**definition.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
    for key in request.get("CustomerMetadataPropertiesToRemove", []):
        metadata.pop(key, None)
    definition["CustomerMetadataProperties"] = metadata or None
    added = request.get("AdditionalInferenceSpecificationsToAdd", [])
    definition["AdditionalInferenceSpecifications"] = [
        *(definition.get("AdditionalInferenceSpecifications") or []),
        *added,
    ] or None
    package.definition = {name: value for name, value in definition.items() if value is not None}
    package.modified = state.now()
    if state.rules.package_event_on_every_update or definition.get("ModelApprovalStatus") != before:
        _tell(state, package)
    return {"ModelPackageArn": package.arn}


def delete_package(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModelPackage; models made from it stay."""
    package = find_package(state, request["ModelPackageName"])
    del state.registry.packages[package.arn]
    state.tags.pop(package.arn, None)
    return {}


def find_package(state: State, name_or_arn: str) -> Package:
    """Find a package by its name, `group/version` or ARN.

    Raises:
        ServiceError: ModelPackage … does not exist.
    """
    arn = name_or_arn if name_or_arn.startswith("arn:") else state.place.arn(PACKAGE, name_or_arn)
    package = state.registry.packages.get(arn.lower())
    if package is None:
        raise refusal(f"ModelPackage {arn} does not exist.")
    return package


def _summary(package: Package) -> dict[str, Any]:
    return {
        "ModelPackageArn": package.arn,
        "ModelPackageGroupName": package.name if package.version else None,
        "ModelPackageVersion": package.version or None,
        "ModelPackageDescription": package.definition.get("ModelPackageDescription"),
        "ModelPackageRegistrationType": package.definition.get("ModelPackageRegistrationType"),
        "CreationTime": package.created,
        "ModelPackageStatus": _COMPLETED["ModelPackageStatus"],
        "ModelApprovalStatus": package.definition.get("ModelApprovalStatus"),
    }


def _tell(state: State, package: Package) -> None:
    """Publish the package as its event shows it: the API's own casing and ISO times, unlike every sibling."""
    detail = {
        "CertifyForMarketplace": False,
        "MetadataProperties": {},
        "ModelMetrics": {},
        **package.definition,
        **_COMPLETED,
        "ModelPackageArn": package.arn,
        "CreationTime": _iso(package.created),
        "LastModifiedTime": _iso(package.modified),
    }
    named = {"ModelPackageGroupName": package.name, "ModelPackageVersion": package.version}
    detail |= named if package.version else {"ModelPackageName": package.name}
    state.outbox.append(Event(PACKAGE_CHANGE, [package.arn], detail))


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"

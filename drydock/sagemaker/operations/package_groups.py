"""Operations on model package groups; pure."""

from typing import Any

from drydock.sagemaker.errors import ServiceError, refusal
from drydock.sagemaker.memory.registry import GROUP, PackageGroup
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations.listing import page_of


def create_group(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """CreateModelPackageGroup."""
    name = request["ModelPackageGroupName"]
    arn = state.place.arn(GROUP, name)
    if name.lower() in state.registry.groups:
        raise refusal(f"Model Package Group already exists: {arn}")
    definition = dict(request)
    tags = definition.pop("Tags", [])
    state.registry.groups[name.lower()] = PackageGroup(name, arn, state.now(), definition)
    state.tag(arn, tags)
    return {"ModelPackageGroupArn": arn}


def describe_group(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelPackageGroup."""
    group = find_group(state, request["ModelPackageGroupName"])
    return {**group.definition, **_summary(group), "CreatedBy": {}}


def list_groups(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """ListModelPackageGroups; there are no other accounts here, so none has shared a group."""
    known = state.registry.groups.values() if request.get("CrossAccountFilterOption") != "CrossAccount" else ()
    page, token = page_of(request, map(_summary, known), "ModelPackageGroup")
    return {"ModelPackageGroupSummaryList": page, "NextToken": token}


def delete_group(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModelPackageGroup; ConflictException while it has versions (modelled by AWS, its text is ours)."""
    group = find_group(state, request["ModelPackageGroupName"])
    if any(package.version and package.name == group.name for package in state.registry.packages.values()):
        raise ServiceError("ConflictException", f"Model Package Group {group.arn} still has model packages.")
    del state.registry.groups[group.name.lower()]
    state.tags.pop(group.arn, None)
    return {}


def find_group(state: State, name_or_arn: str) -> PackageGroup:
    """Find a group.

    Raises:
        ServiceError: ModelPackageGroup … does not exist.
    """
    arn = name_or_arn if name_or_arn.startswith("arn:") else state.place.arn(GROUP, name_or_arn)
    group = state.registry.groups.get(arn.rpartition("/")[2].lower())
    if group is None or group.arn != arn.lower():
        raise refusal(f"ModelPackageGroup {arn} does not exist.")
    return group


def _summary(group: PackageGroup) -> dict[str, Any]:
    return {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        "ModelPackageGroupDescription": group.definition.get("ModelPackageGroupDescription"),
        "CreationTime": group.created,
        "ModelPackageGroupStatus": "Completed",
    }

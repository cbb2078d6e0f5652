"""What a caller must be allowed to do for each operation, and what AWS says to one who is not; pure.

Actions, resources and condition keys as the Service Authorization Reference lists them for SageMaker.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from drydock.sagemaker.definitions.variants import PRODUCTION, variants_of
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.registry import GROUP, PACKAGE
from drydock.sagemaker.memory.state import CONFIG, ENDPOINT, MODEL
from drydock.sagemaker.place import Place

PASSED_TO = "sagemaker.amazonaws.com"
_KINDS = {
    "ModelPackageGroupName": GROUP,
    "ModelPackageName": PACKAGE,
    "ModelPackageArn": PACKAGE,
    "ModelName": MODEL,
    "EndpointConfigName": CONFIG,
    "EndpointName": ENDPOINT,
}
_ON_TWO = ("CreateEndpoint", "UpdateEndpoint")
"""Need the endpoint and the configuration both."""


@dataclass(frozen=True)
class Permission:
    """One action on one resource."""

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    """Condition keys of the request: text or lists of text."""


@dataclass(frozen=True)
class Denial:
    """A permission that a caller lacks."""

    principal: str
    """ARN."""
    explicit: bool
    """Whether a statement denies it, rather than none allowing it."""


Judge = Callable[[Mapping[str, str], Permission], Denial | None]
"""(headers of the request, names in lower case; the permission) → None where the caller has it."""


def needed(
    operation: str,
    request: Mapping[str, Any],
    place: Place,
    scaled: Iterable[str] = (),
    tags: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Iterator[Permission]:
    """Name what the caller of an operation must be allowed to do, in the order AWS is taken to look at it.

    Args:
        operation: its name.
        request: the parsed request.
        place: account and region.
        scaled: ARNs of the endpoint's scalable targets: who deletes it deregisters them (developer guide, "Delete
            endpoints configured for auto scaling").
        tags: ARN → tags of what there is.
    """
    context = dict(_conditions(request))
    resources = list(_resources(operation, request, place))
    for resource in resources:
        worn = {f"aws:ResourceTag/{key}": value for key, value in tags.get(resource, {}).items()}
        yield Permission(f"sagemaker:{operation}", resource, context | worn)
    if operation.startswith("Create") and request.get("Tags"):
        yield Permission("sagemaker:AddTags", resources[0], context)
    if operation == "DeleteEndpoint":
        yield from (Permission("application-autoscaling:DeregisterScalableTarget", target) for target in scaled)
    if "ExecutionRoleArn" in request:
        yield Permission("iam:PassRole", request["ExecutionRoleArn"], {"iam:PassedToService": PASSED_TO})


def refuse_unless_allowed(
    judge: Judge, headers: Mapping[str, str], permissions: Iterator[Permission], status: int = 400
) -> None:
    """Refuse a caller who lacks a permission.

    Args:
        judge: who knows the caller's policies.
        headers: of the request, names in lower case.
        permissions: what `needed` names.
        status: HTTP status; the runtime answers 403.

    Raises:
        ServiceError: AccessDeniedException, worded as in aws/amazon-sagemaker-examples-community issue 13.
    """
    for permission in permissions:
        denial = judge(headers, permission)
        if denial is None:
            continue
        why = f"because no identity-based policy allows the {permission.action} action"
        if denial.explicit:
            why = "with an explicit deny in an identity-based policy"
        message = f"User: {denial.principal} is not authorized to perform: {permission.action}"
        raise ServiceError("AccessDeniedException", f"{message} on resource: {permission.resource} {why}", status)


def _resources(operation: str, request: Mapping[str, Any], place: Place) -> Iterator[str]:
    if operation.startswith("List") and operation != "ListTags":
        yield "*"
        return
    if "ResourceArn" in request:
        yield request["ResourceArn"]
        return
    if operation in _ON_TWO:
        yield place.arn(ENDPOINT, request["EndpointName"])
        yield place.arn(CONFIG, request["EndpointConfigName"])
        return
    name = next((name for name in _KINDS if name in request), None)
    if name is None:
        yield "*"
    elif str(request[name]).startswith("arn:"):
        yield request[name]
    elif operation == "CreateModelPackage" and name == "ModelPackageGroupName":
        yield place.arn(PACKAGE, f"{request[name]}/*")
    else:
        yield place.arn(_KINDS[name], request[name])


def _conditions(request: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    variants = variants_of(request) if PRODUCTION in request else []
    types = [variant["InstanceType"] for variant in variants if "InstanceType" in variant]
    if types:
        yield "sagemaker:InstanceTypes", types
    if "EnableNetworkIsolation" in request:
        yield "sagemaker:NetworkIsolation", str(request["EnableNetworkIsolation"]).lower()
    if "VpcConfig" in request:
        yield "sagemaker:VpcSubnets", request["VpcConfig"]["Subnets"]
        yield "sagemaker:VpcSecurityGroupIds", request["VpcConfig"]["SecurityGroupIds"]
    for member, key in (
        ("KmsKeyId", "sagemaker:VolumeKmsKey"),
        ("TargetModel", "sagemaker:TargetModel"),
        ("TargetContainerHostname", "sagemaker:TargetContainerHostname"),
        ("ModelApprovalStatus", "sagemaker:ModelApprovalStatus"),
    ):
        if member in request:
            yield key, request[member]
    tags = request.get("Tags", [])
    yield from ((f"aws:RequestTag/{tag['Key']}", tag["Value"]) for tag in tags)
    keys = [tag["Key"] for tag in tags] or request.get("TagKeys", [])
    if keys:
        yield "aws:TagKeys", keys

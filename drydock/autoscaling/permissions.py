"""What a caller must be allowed to do to scale something; pure.

Source: Service Authorization Reference of Application Auto Scaling, and its user guide, "Permissions validation": it
asks SageMaker and CloudWatch whether the caller may do there what the configuration will do, and names what is missing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from drydock.autoscaling.model import NAMESPACE, ROLE_SERVICE, Book
from drydock.sagemaker.errors import refusal
from drydock.sagemaker.operations.permissions import Judge, Permission, refuse_unless_allowed

SERVICE = "application-autoscaling"
_SCALES = ("sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities")
_WATCHES = ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms")
_MAKE_ROLE = "iam:CreateServiceLinkedRole"


def refuse_unless_permitted(
    judge: Judge, headers: Mapping[str, str], operation: str, request: Mapping[str, Any], book: Book
) -> None:
    """Refuse a caller who may not do this, here or where it takes effect.

    Raises:
        ServiceError: AccessDeniedException, or the ValidationException that names what is missing elsewhere.
    """
    refuse_unless_allowed(judge, headers, _own(operation, request, book))
    missing = [needed.action for needed in _elsewhere(operation, request, book) if judge(headers, needed)]
    if missing:
        raise refusal(f"User is missing the following permissions: {', '.join(missing)}")


def _own(operation: str, request: Mapping[str, Any], book: Book) -> Iterator[Permission]:
    context = {
        f"{SERVICE}:{key}": request[member]
        for key, member in (("service-namespace", "ServiceNamespace"), ("scalable-dimension", "ScalableDimension"))
        if member in request
    }
    resource = "*" if operation.startswith("Describe") else _target_arn(request, book)
    yield Permission(f"{SERVICE}:{operation}", resource, context)


def _target_arn(request: Mapping[str, Any], book: Book) -> str:
    if "ResourceARN" in request:
        return str(request["ResourceARN"])
    known = book.targets.get((request["ResourceId"], request["ScalableDimension"]))
    return known.arn if known else f"arn:aws:{SERVICE}:{book.place.region}:{book.place.account}:scalable-target/*"


def _elsewhere(operation: str, request: Mapping[str, Any], book: Book) -> Iterator[Permission]:
    if request.get("ServiceNamespace") != NAMESPACE or operation.startswith("Describe"):
        return
    if operation == "RegisterScalableTarget":
        name = str(request["ResourceId"]).split("/")[1:2]
        endpoint = book.place.arn("endpoint", *name) if name else "*"
        yield from (Permission(action, endpoint) for action in _SCALES)
        if not book.has_role:
            yield Permission(_MAKE_ROLE, book.role, {"iam:AWSServiceName": ROLE_SERVICE})
    alarm = f"arn:aws:cloudwatch:{book.place.region}:{book.place.account}:alarm:TargetTracking-{request['ResourceId']}"
    if operation == "PutScalingPolicy":
        yield from (Permission(action, alarm) for action in _WATCHES)
    if operation in ("DeleteScalingPolicy", "DeregisterScalableTarget"):
        yield Permission(_WATCHES[-1], alarm)

"""Operations on scalable targets, and on their tags."""

import re
import uuid
from typing import Any

from drydock.autoscaling.desk import Desk
from drydock.autoscaling.errors import no_resource, no_target
from drydock.autoscaling.model import CONCURRENCY, INSTANCES, NAMESPACE, Key, Target
from drydock.sagemaker.errors import ServiceError, refusal, unsupported

_RESOURCE = re.compile(r"endpoint/[^/]+/variant/[^/]+")
_MOST_TAGS = 50


def key_of(request: dict[str, Any]) -> Key:
    """Read which target a request is about.

    Raises:
        ServiceError: not a variant of an endpoint.
    """
    if request["ServiceNamespace"] != NAMESPACE:
        raise unsupported(f"the service namespace {request['ServiceNamespace']}")
    resource, dimension = request["ResourceId"], request["ScalableDimension"]
    if dimension not in (INSTANCES, CONCURRENCY) or not _RESOURCE.fullmatch(resource):
        raise refusal("Unsupported service namespace, resource type or scalable dimension")
    return resource, dimension


def register(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """RegisterScalableTarget: a new target, or other limits of a known one."""
    key = key_of(request)
    known = desk.book.targets.get(key)
    minimum = request.get("MinCapacity", known.minimum if known else None)
    maximum = request.get("MaxCapacity", known.maximum if known else None)
    if minimum is None or maximum is None:
        raise refusal("Both minimum and maximum capacity must be given to register a scalable target.")
    target = known or _new_target(desk, key)
    _check_limits(minimum, maximum)
    target.minimum, target.maximum = minimum, maximum
    target.suspended |= request.get("SuspendedState", {})
    if known is None:
        target.tags = _checked_tags(dict(request.get("Tags", {})), target.arn)
        desk.book.targets[key] = target
        desk.book.has_role = True
    desk.mark()
    return {"ScalableTargetARN": target.arn}


def _new_target(desk: Desk, key: Key) -> Target:
    place = desk.book.place
    arn = f"arn:aws:application-autoscaling:{place.region}:{place.account}:scalable-target/{uuid.uuid4().hex}"
    target = Target(*key, arn, 1, 1, desk.now())
    sight = desk.fleets.look(target.endpoint, target.variant)
    if sight is None:
        raise refusal(f"SageMaker endpoint variant doesn't exist: {key[0]}")
    if (key[1] == INSTANCES) != bool(sight.instance_type):
        raise refusal(f"The scalable dimension {key[1]} does not fit the variant of {key[0]}")
    if sight.instance_type.startswith("ml.t"):
        raise refusal(f"Burstable instances cannot be scaled: {key[0]} runs on {sight.instance_type}")
    return target


def _check_limits(minimum: int, maximum: int) -> None:
    if minimum < 1:
        raise refusal("Minimum capacity cannot be less than 1")
    if maximum < minimum:
        raise refusal("Maximum capacity cannot be less than minimum capacity")


def deregister(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """DeregisterScalableTarget: its policies, with their alarms, and its scheduled actions go with it."""
    key = key_of(request)
    if key not in desk.book.targets:
        raise no_target(key)
    desk.forget(key)
    return {}


def describe(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeScalableTargets."""
    wanted = desk.wanted(request, desk.book.targets.values())
    return desk.page(request, "ScalableTargets", [_described(desk, target) for target in wanted])


def _described(desk: Desk, target: Target) -> dict[str, Any]:
    kinds = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    return {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target.resource_id,
        "ScalableDimension": target.dimension,
        "MinCapacity": target.minimum,
        "MaxCapacity": target.maximum,
        "RoleARN": desk.book.role,
        "CreationTime": target.created,
        "SuspendedState": {kind: target.suspended.get(kind, False) for kind in kinds},
        "ScalableTargetARN": target.arn,
    }


def list_tags(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """ListTagsForResource."""
    return {"Tags": _by_arn(desk, request["ResourceARN"]).tags}


def tag(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """TagResource."""
    target = _by_arn(desk, request["ResourceARN"])
    target.tags = _checked_tags({**target.tags, **request["Tags"]}, target.arn)
    return {}


def untag(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """UntagResource."""
    target = _by_arn(desk, request["ResourceARN"])
    target.tags = {key: value for key, value in target.tags.items() if key not in request["TagKeys"]}
    return {}


def _by_arn(desk: Desk, arn: str) -> Target:
    found = next((target for target in desk.book.targets.values() if target.arn == arn), None)
    if found is None:
        raise no_resource(arn)
    return found


def _checked_tags(tags: dict[str, str], arn: str) -> dict[str, str]:
    if len(tags) > _MOST_TAGS:
        text = f"The resource has more than {_MOST_TAGS} tags."
        raise ServiceError("TooManyTagsException", text, members={"ResourceName": arn})
    return tags

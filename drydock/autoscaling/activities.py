"""What became of each change of capacity, and the event that tells of the largest."""

from datetime import UTC, datetime
from typing import Any

from drydock.autoscaling.desk import Desk
from drydock.autoscaling.model import NAMESPACE, Activity, Move, Target

EVENT = "Application Auto Scaling Scaling Activity State Change"


def describe(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeScalingActivities, the newest first."""
    wanted = desk.wanted(request, reversed(desk.book.activities))
    return desk.page(request, "ScalingActivities", [_described(activity) for activity in wanted])


def _described(activity: Activity) -> dict[str, Any]:
    return {
        "ActivityId": activity.id,
        "ServiceNamespace": NAMESPACE,
        "ResourceId": activity.resource_id,
        "ScalableDimension": activity.dimension,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": activity.started,
        "EndTime": activity.ended,
        "StatusCode": activity.status,
        "StatusMessage": activity.message or None,
    }


def begin(desk: Desk, target: Target, capacity: int, cause: str) -> Activity:
    """Record that a capacity is being asked for."""
    description = f"Setting desired {target.unit} to {capacity}."
    return desk.book.record(Activity(target.resource_id, target.dimension, description, cause, desk.now()))


def fail(desk: Desk, target: Target, activity: Activity, capacity: int, reason: str) -> None:
    """Record that it was refused, or never came about."""
    activity.status, activity.ended = "Failed", desk.now()
    activity.message = f"Failed to set desired {target.unit} to {capacity}. Reason: {reason}"


def succeed(desk: Desk, target: Target, move: Move) -> None:
    """Record that the instances are there; an event tells when there cannot be more (user guide, EventBridge)."""
    move.activity.status, move.activity.ended = "Successful", desk.now()
    done = "Change successfully fulfilled by sagemaker."
    move.activity.message = f"Successfully set desired {target.unit} to {move.wanted}. {done}"
    if move.before < move.wanted == target.maximum:
        desk.cloud.publish_scaling(EVENT, _scaled_to_max(target, move))


def _scaled_to_max(target: Target, move: Move) -> dict[str, Any]:
    return {
        "startTime": _iso(move.activity.started),
        "endTime": _iso(move.activity.ended or 0.0),
        "newDesiredCapacity": move.wanted,
        "oldDesiredCapacity": move.before,
        "minCapacity": target.minimum,
        "maxCapacity": target.maximum,
        "resourceId": target.resource_id,
        "scalableDimension": target.dimension,
        "serviceNamespace": NAMESPACE,
        "statusCode": "Successful",
        "scaledToMax": True,
        "direction": "scale-out",
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The table of operations of Application Auto Scaling that Drydock offers."""

from collections.abc import Callable
from typing import Any

from drydock.autoscaling import activities, policies, schedules, targets
from drydock.autoscaling.desk import Desk

Operation = Callable[[Desk, dict[str, Any]], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "RegisterScalableTarget": targets.register,
    "DescribeScalableTargets": targets.describe,
    "DeregisterScalableTarget": targets.deregister,
    "PutScalingPolicy": policies.put,
    "DescribeScalingPolicies": policies.describe,
    "DeleteScalingPolicy": policies.delete,
    "DescribeScalingActivities": activities.describe,
    "PutScheduledAction": schedules.put,
    "DescribeScheduledActions": schedules.describe,
    "DeleteScheduledAction": schedules.delete,
    "TagResource": targets.tag,
    "ListTagsForResource": targets.list_tags,
    "UntagResource": targets.untag,
}

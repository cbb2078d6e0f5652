"""Operations on scaling policies."""

import uuid
from typing import Any

from drydock.autoscaling import tracking
from drydock.autoscaling.desk import Desk
from drydock.autoscaling.errors import no_policy, no_target
from drydock.autoscaling.model import NAMESPACE, STEPS, TRACKING, Key, Policy
from drydock.autoscaling.policy_checks import check_steps, check_tracking
from drydock.autoscaling.targets import key_of
from drydock.sagemaker.errors import refusal

SETTINGS = {TRACKING: "TargetTrackingScalingPolicyConfiguration", STEPS: "StepScalingPolicyConfiguration"}
"""The member that configures each kind of policy."""


def put(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """PutScalingPolicy: target tracking gets its alarms here, steps are called by alarms of the user's own."""
    key, name = key_of(request), request["PolicyName"]
    if key not in desk.book.targets:
        raise no_target(key)
    known = desk.book.policies.get((key, name))
    kind: str = request.get("PolicyType", known.kind if known else "")
    settings = _settings(request, kind)
    if kind == TRACKING:
        check_tracking(settings)
        _refuse_second_on_metric(desk, key, name, settings)
    else:
        check_steps(settings)
    policy = known or Policy(name, kind, key, _arn(desk, key, name), desk.now(), settings)
    policy.kind, policy.settings = kind, settings
    _renew_alarms(desk, policy)
    desk.book.policies[key, name] = policy
    return {"PolicyARN": policy.arn, "Alarms": _alarms(policy)}


def _settings(request: dict[str, Any], kind: str) -> dict[str, Any]:
    if kind not in SETTINGS:
        raise refusal(f"Policy type {kind or None} is not supported for service namespace {NAMESPACE}.")
    given = {member for member in (*SETTINGS.values(), "PredictiveScalingPolicyConfiguration") if member in request}
    if given != {SETTINGS[kind]}:
        raise refusal(f"A policy of type {kind} is configured by {SETTINGS[kind]}, and by nothing else.")
    found: dict[str, Any] = request[SETTINGS[kind]]
    return found


def _refuse_second_on_metric(desk: Desk, key: Key, name: str, settings: dict[str, Any]) -> None:
    metric = tracking.metric_of(settings)
    others = [policy for policy in desk.book.policies_of(key) if policy.kind == TRACKING and policy.name != name]
    if any(tracking.metric_of(other.settings) == metric for other in others):
        raise refusal("Only one TargetTrackingScaling policy for a given metric specification is allowed.")


def _renew_alarms(desk: Desk, policy: Policy) -> None:
    wanted = tracking.alarm_requests(policy) if policy.kind == TRACKING else []
    names = [request["AlarmName"] for request in wanted]
    desk.cloud.delete_alarms([name for name in policy.alarms if name not in names])
    policy.alarms = {request["AlarmName"]: desk.cloud.put_alarm(request) for request in wanted}


def delete(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteScalingPolicy: the alarms made for it go, the variant keeps the instances it has."""
    key, name = key_of(request), request["PolicyName"]
    if (key, name) not in desk.book.policies:
        raise no_policy(key, name)
    desk.drop_policy(key, name)
    return {}


def describe(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeScalingPolicies."""
    wanted = desk.wanted(request, desk.book.policies.values(), "PolicyNames")
    return desk.page(request, "ScalingPolicies", [_described(policy) for policy in wanted])


def _described(policy: Policy) -> dict[str, Any]:
    return {
        "PolicyARN": policy.arn,
        "PolicyName": policy.name,
        "ServiceNamespace": NAMESPACE,
        "ResourceId": policy.key[0],
        "ScalableDimension": policy.key[1],
        "PolicyType": policy.kind,
        SETTINGS[policy.kind]: policy.settings,
        "Alarms": _alarms(policy),
        "CreationTime": policy.created,
    }


def _alarms(policy: Policy) -> list[dict[str, str]]:
    return [{"AlarmName": name, "AlarmARN": arn} for name, arn in policy.alarms.items()]


def _arn(desk: Desk, key: Key, name: str) -> str:
    place = desk.book.place
    number = uuid.uuid4()
    what = f"resource/{NAMESPACE}/{key[0]}:policyName/{name}"
    return f"arn:aws:autoscaling:{place.region}:{place.account}:scalingPolicy:{number}:{what}"

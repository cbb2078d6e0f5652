"""Application Auto Scaling of the variants of endpoints."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.aws.refusals import code_of, message_of
from slipway.exchanges import Creation, Item, Made
from slipway.release.scaled import Scaled

NAMESPACE, DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
MISSING = "ObjectNotFoundException"


class ApplicationAutoScaling:
    """Satisfies `slipway.ports.Scaling`; whatever speaks against a change is in its answer.

    Args:
        client: with botocore's standard retries.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe(self, endpoint: str, variant: str) -> Scaled | None:
        """Give what is registered for a variant, None when nothing is."""
        there = _variant(endpoint, variant)
        asked = {"ServiceNamespace": NAMESPACE, "ScalableDimension": DIMENSION, "ResourceIds": [there["ResourceId"]]}
        targets = self._client.describe_scalable_targets(**asked)["ScalableTargets"]
        if not targets:
            return None
        pages = self._client.get_paginator("describe_scaling_policies").paginate(**there)
        policies = {
            policy["PolicyName"]: policy.get("TargetTrackingScalingPolicyConfiguration", {})
            for page in pages
            for policy in page["ScalingPolicies"]
        }
        return Scaled(targets[0]["MinCapacity"], targets[0]["MaxCapacity"], policies)

    def register(self, endpoint: str, variant: str, minimum: int, maximum: int) -> Creation:
        """Register a variant, or give it other limits."""
        limits = {"MinCapacity": minimum, "MaxCapacity": maximum}
        return _attempt(self._client.register_scalable_target, **_variant(endpoint, variant), **limits)

    def track(self, endpoint: str, variant: str, policy: str, configuration: Item) -> Creation:
        """Put a target tracking policy."""
        return _attempt(
            self._client.put_scaling_policy,
            **_variant(endpoint, variant),
            PolicyName=policy,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=configuration,
        )

    def untrack(self, endpoint: str, variant: str, policy: str) -> Creation:
        """Delete a policy; one that is gone already is deleted."""
        return _removal(self._client.delete_scaling_policy, **_variant(endpoint, variant), PolicyName=policy)

    def deregister(self, endpoint: str, variant: str) -> Creation:
        """Deregister a variant with all its policies; one that is not registered is deregistered."""
        return _removal(self._client.deregister_scalable_target, **_variant(endpoint, variant))


def _variant(endpoint: str, variant: str) -> dict[str, str]:
    resource = f"endpoint/{endpoint}/variant/{variant}"
    return {"ServiceNamespace": NAMESPACE, "ResourceId": resource, "ScalableDimension": DIMENSION}


def _attempt(call: Callable[..., Any], **request: Any) -> Creation:
    try:
        call(**request)
    except ClientError as error:
        return Creation(Made.REFUSED, code_of(error), message_of(error))
    except BotoCoreError as error:
        return Creation(Made.REFUSED, type(error).__name__, str(error))
    return Creation(Made.CREATED)


def _removal(call: Callable[..., Any], **request: Any) -> Creation:
    creation = _attempt(call, **request)
    return Creation(Made.CREATED) if creation.code == MISSING else creation

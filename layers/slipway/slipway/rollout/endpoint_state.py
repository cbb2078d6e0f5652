"""The verdict on an endpoint: one pure function over what DescribeEndpoint says. Nothing else decides success.

InService alone is never success: a failed update ends InService on the old config, and right after UpdateEndpoint the
old answer may still be read (sagemaker-developer-guide, Blue/Green deployments; API_DescribeEndpoint).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Described = Mapping[str, Any]


class Sight(StrEnum):
    """What an endpoint is seen to be, held against what is wanted of it."""

    NOT_YET = "not_yet"
    BAKING = "baking"
    """The wanted config has all traffic and the old fleet still runs."""
    IN_SERVICE = "in_service"
    """The wanted config serves, at full strength, and nothing is pending."""
    RETURNED = "returned"
    """The config from before serves again."""
    GONE = "gone"
    FAILED = "failed"
    FOREIGN = "foreign"
    """Somebody else changed the endpoint."""
    STUCK = "stuck"
    """A mix of fleets that only a human may touch (UpdateRollbackFailed)."""


@dataclass(frozen=True)
class Wanted:
    """What an endpoint shall become, and what it was before it was asked."""

    config: str
    """The config that shall serve; empty when the endpoint shall be removed."""
    before: str = ""
    """The config that served before; empty when there was none."""
    modified: datetime | None = None
    """LastModifiedTime before the call, None when there was no endpoint."""
    seen_moving: bool = False
    """Whether the endpoint was seen to act on the call (status Updating, or modified since)."""
    scaled: bool = False
    """Whether something scales it: as soon as a deployment has ended it may be Updating for that alone."""


@dataclass(frozen=True)
class Seen:
    """A sight with its reason."""

    sight: Sight
    reason: str = ""
    is_partial: bool = False
    """Whether the new fleet bakes with a part of the traffic: then an answer may be any fleet's."""


PENDING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})


def judge(described: Described | None, wanted: Wanted) -> Seen:
    """Judge an endpoint.

    Args:
        described: the answer of DescribeEndpoint, None when the endpoint could not be found.
        wanted: what was asked of it.
    """
    if described is None:
        return _judge_absence(wanted)
    status = described["EndpointStatus"]
    if status == "Deleting":
        return Seen(Sight.NOT_YET) if not wanted.config else Seen(Sight.FOREIGN, "somebody is deleting the endpoint")
    if not wanted.config:
        return Seen(Sight.NOT_YET, f"the endpoint is still {status}")
    pending = described.get("PendingDeploymentSummary")
    if status in PENDING or (status == "InService" and pending):
        return _judge_pending(described, pending, wanted)
    if status == "InService":
        return _judge_in_service(described, wanted)
    if status == "UpdateRollbackFailed":
        if wanted.modified is not None and not (wanted.seen_moving or _has_moved(described, wanted)):
            return Seen(Sight.NOT_YET, "the call cannot be seen yet")
        return Seen(Sight.STUCK, "an update failed and so did its rollback: old and new instances serve side by side")
    if status in ("Failed", "OutOfService"):
        return Seen(Sight.FAILED, f"the endpoint is {status}: {failure_reason(described)}")
    return Seen(Sight.NOT_YET, f"the endpoint has the unknown status {status}")


def failure_reason(described: Described) -> str:
    """Give SageMaker's own words for a failure; it may leave them out."""
    return described.get("FailureReason") or "SageMaker gave no reason"


def _judge_absence(wanted: Wanted) -> Seen:
    if not wanted.config:
        return Seen(Sight.GONE, "the endpoint is removed")
    if wanted.before or wanted.seen_moving:
        return Seen(Sight.FOREIGN, "somebody deleted the endpoint")
    return Seen(Sight.NOT_YET, "the endpoint cannot be seen yet")


def _judge_pending(described: Described, pending: Described | None, wanted: Wanted) -> Seen:
    serving = described.get("EndpointConfigName", "")
    coming = (pending or {}).get("EndpointConfigName", wanted.config)
    if coming not in (wanted.config, wanted.before):
        return Seen(Sight.FOREIGN, f"somebody else is deploying the config {coming}")
    if serving not in (wanted.config, wanted.before, ""):
        return Seen(
            Sight.FOREIGN, f"the endpoint serves the config {serving}, which is neither the old nor the new one"
        )
    if wanted.scaled and _is_rescaled(described, wanted):
        return Seen(Sight.IN_SERVICE, "the wanted config serves while its instances are rescaled")
    if pending and coming == wanted.config and has_all_traffic(pending):
        return Seen(Sight.BAKING, "the new fleet has all traffic, the old one still runs")
    partial = bool(pending and coming == wanted.config and bakes(pending))
    return Seen(Sight.NOT_YET, f"the endpoint is {described['EndpointStatus']}", partial)


def _is_rescaled(described: Described, wanted: Wanted) -> bool:
    """Whether only the number of instances changes: a deployment has a summary, and the old config until it ends."""
    changes = described["EndpointStatus"] in ("Updating", "RollingBack") and not described.get(
        "PendingDeploymentSummary"
    )
    counts = [v.get("CurrentInstanceCount", 0) for v in described.get("ProductionVariants") or []]
    return changes and described.get("EndpointConfigName") == wanted.config and min(counts, default=0) > 0


def bakes(pending: Described) -> list[Described]:
    """Give the phases of a pending deployment in which its variants bake."""
    variants = pending.get("ProductionVariants") or []
    phases = [phase for variant in variants for phase in (variant.get("VariantStatus") or [])]
    return [phase for phase in phases if phase.get("Status") == "Baking"]


def has_all_traffic(pending: Described) -> bool:
    """Whether every variant bakes with full capacity; a phase that is not known to be full counts as partial."""
    baking = [bakes({"ProductionVariants": [variant]}) for variant in pending.get("ProductionVariants") or []]
    full = ("full capacity" in phase.get("StatusMessage", "") for phases in baking for phase in phases)
    return bool(baking) and all(baking) and all(full)


def _judge_in_service(described: Described, wanted: Wanted) -> Seen:
    serving = described.get("EndpointConfigName", "")
    if serving == wanted.config:
        short = [v["VariantName"] for v in described.get("ProductionVariants") or [] if not _is_complete(v)]
        if short:
            return Seen(Sight.NOT_YET, f"not all instances of {', '.join(short)} run yet")
        return Seen(Sight.IN_SERVICE)
    if serving != wanted.before:
        return Seen(Sight.FOREIGN, f"somebody else put the config {serving} in service")
    if not (wanted.seen_moving or _has_moved(described, wanted)):
        return Seen(Sight.NOT_YET, "the call cannot be seen yet")
    return Seen(Sight.RETURNED, described.get("FailureReason") or "the old config is back and SageMaker gave no reason")


def _is_complete(variant: Described) -> bool:
    desired = variant.get("DesiredInstanceCount")
    return desired is None or variant.get("CurrentInstanceCount") == desired


def _has_moved(described: Described, wanted: Wanted) -> bool:
    return wanted.modified is not None and described["LastModifiedTime"] > wanted.modified

"""Scaling as the spec asks, and back. A refusal is a finding: a model that serves well is not given up for it."""

from collections.abc import Iterable
from typing import Any

from slipway.exchanges import Creation, Made
from slipway.release.autoscaling_spec import Autoscaling
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Finding
from slipway.rollout.autoscaling import POLICY, scaled_item, tracking
from slipway.steps.work import Work


def scale(work: Work, wanted: Autoscaling, variant: str) -> list[Finding]:
    """Let the endpoint be scaled as a spec asks; without `max_capacity` all stays as it is. Doing it twice is once."""
    if wanted.max_capacity is None:
        return []
    return settle(work, variant, _limits(wanted))


def before(undone: Release) -> dict[str, Any] | None:
    """Give what was registered before a release that changed it, empty for nothing; None where it changed nothing."""
    if not undone.intent(Phase.PROMOTE_RELEASE, "scaling"):
        return None
    return dict(undone.fact(Phase.VERIFY_CONFIG, "scaling", {}))


def asked(target: Release, undone: Release) -> dict[str, Any] | None:
    """Give what a release further back asked for. Where it asked for nothing all stays, unless its instances are
    others: SageMaker changes no instance type of what is registered."""
    if target.spec is None or undone.spec is None:
        return None
    wanted = target.spec.autoscaling
    if wanted.max_capacity is not None:
        return _limits(wanted)
    return None if target.spec.serve.instance_type == undone.spec.serve.instance_type else {}


def _limits(wanted: Autoscaling) -> dict[str, Any]:
    if not wanted.max_capacity:
        return {}
    return {"minimum": wanted.min_capacity, "maximum": wanted.max_capacity, "tracking": tracking(wanted)}


def settle(work: Work, variant: str, item: dict[str, Any]) -> list[Finding]:
    """Register limits and policy; an empty item removes what Slipway registered."""
    endpoint, scaling = work.release.endpoint, work.tools.scaling
    if not item:
        return _remove(work, variant)
    registered = scaling.register(endpoint, variant, int(item["minimum"]), int(item["maximum"]))
    if registered.made is Made.REFUSED:
        return _findings(work, [registered])
    return _findings(work, [scaling.track(endpoint, variant, POLICY, item["tracking"])])


def _remove(work: Work, variant: str) -> list[Finding]:
    """Remove Slipway's policy, and the target unless a policy of somebody else hangs on it."""
    endpoint, scaling = work.release.endpoint, work.tools.scaling
    scaled = scaling.describe(endpoint, variant)
    if not scaled_item(scaled):
        return []
    removed = [scaling.untrack(endpoint, variant, POLICY)]
    if scaled is not None and set(scaled.policies) == {POLICY}:
        removed.append(scaling.deregister(endpoint, variant))
    return _findings(work, removed)


def _findings(work: Work, creations: Iterable[Creation]) -> list[Finding]:
    refused = [creation for creation in creations if creation.made is Made.REFUSED]
    return [
        Finding(
            "AUTOSCALING_NOT_APPLIED",
            f"Application Auto Scaling refused: {creation.code} {creation.message}",
            "Correct what it names, then set the scaling by hand or release again.",
            f"endpoint {work.release.endpoint}",
        )
        for creation in refused
    ]

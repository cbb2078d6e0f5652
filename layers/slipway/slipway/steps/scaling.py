"""Scaling as the spec asks, and back. A refusal is a finding: a model that serves well is not given up for it."""

from collections.abc import Iterable
from typing import Any

from slipway.exchanges import Creation, Made
from slipway.release.autoscaling_spec import Autoscaling
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Finding
from slipway.rollout.autoscaling import POLICY, scaled_item, tracking
from slipway.steps.fleets import names_of, variants_of
from slipway.steps.work import Work


def scale(work: Work, wanted: Autoscaling, variant: str) -> list[Finding]:
    """Let the endpoint be scaled as a spec asks; without `max_capacity` all stays as it is. Doing it twice is once."""
    if wanted.max_capacity is None:
        return []
    return settle(work, variant, _limits(wanted))


def before(undone: Release) -> dict[str, dict[str, Any]]:
    """Give what was registered of each variant before a release that changed it, empty for nothing.

    Where it changed nothing all stays, but of variants that only it has nothing may stay: SageMaker drops none that is
    registered.
    """
    if not undone.intent(Phase.PROMOTE_RELEASE, "scaling"):
        return {}
    alone = undone.fact(Phase.VERIFY_CONFIG, "scaling", {})
    known = undone.fact(Phase.VERIFY_CONFIG, "scalings", {})
    return {name: dict(known.get(name, alone)) for name in dict.fromkeys([*names_of(undone), *known])}


def asked(target: Release, undone: Release) -> dict[str, dict[str, Any]]:
    """Give what a release further back asked for each variant. Where it asked for nothing all stays, unless its
    instances are others or it has no such variant: SageMaker changes and drops nothing that is registered."""
    if target.spec is None or undone.spec is None:
        return {}
    wanted, now = target.spec.autoscaling, _types(undone)
    gone = {name: dict[str, Any]() for name in now.keys() - _types(target).keys()}
    if wanted.max_capacity is not None:
        return gone | {name: _limits(wanted) for name in _types(target)}
    return gone | {name: {} for name, kind in _types(target).items() if now.get(name, kind) != kind}


def _types(release: Release) -> dict[str, str]:
    return {variant.name: variant.serve.instance_type for variant in variants_of(release)}


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

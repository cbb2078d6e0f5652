"""How the variants that a release brings meet those that serve: their names, instances and weights; pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slipway.release.naming import VARIANT
from slipway.release.scaled import Scaled
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.variant_spec import Variant
from slipway.release.verdicts import Finding, placed
from slipway.rollout.autoscaling import Fleet, removal, scaled_item, scaling_findings
from slipway.rollout.capacity import instances_after
from slipway.rollout.endpoint_config import is_serverless

Described = Mapping[str, Any]


@dataclass(frozen=True)
class Serving:
    """One variant that an endpoint serves."""

    configured: Described
    """The ProductionVariant of the config that serves."""
    described: Described = field(default_factory=dict)
    """The ProductionVariantSummary of DescribeEndpoint."""
    scaled: Scaled | None = None
    """What is registered to scale it."""
    asked: int | None = None
    """Instances that the release asked for which made the config; None where nobody knows."""

    @property
    def name(self) -> str:
        """Its VariantName."""
        return str(self.configured["VariantName"])

    @property
    def model(self) -> str:
        """Its ModelName, empty where it has none."""
        return str(self.configured.get("ModelName", ""))

    @property
    def instances(self) -> int | None:
        """Instances that it is meant to have now."""
        count = self.described.get("DesiredInstanceCount")
        return None if count is None else int(count)

    def instances_with(self, serve: Serve) -> int:
        """Say how many instances it will have when it is served so."""
        first = self.configured.get("InitialInstanceCount") if self.asked is None else self.asked
        is_scaled = self.scaled is not None
        return instances_after(serve.instance_count, self.instances or None, first, scaled=is_scaled)


def wanted_variants(serving: Sequence[Serving], spec: ReleaseSpec) -> tuple[Variant, ...]:
    """Give the variants that shall serve; the single one of a spec without any is called like the one that serves."""
    name = serving[0].name if len(serving) == 1 else VARIANT
    return spec.variants or (Variant(name=name, serve=spec.serve),)


def is_renamed(serving: Sequence[Serving], spec: ReleaseSpec) -> bool:
    """Whether the names of the variants change: then SageMaker's guardrails do not hold (developer guide, exclusions).

    Their order says nothing.
    """
    return {each.name for each in serving} != {each.name for each in wanted_variants(serving, spec)}


def variant_facts(serving: Sequence[Serving], spec: ReleaseSpec) -> dict[str, Any]:
    """Give what later steps have to know of an update's variants; of several, by their names."""
    known = {each.name: each for each in serving}
    wanted = wanted_variants(serving, spec)
    counts = {each.name: _instances(each, known.get(each.name)) for each in wanted}
    resized = [name for name in counts if name in known and counts[name] != known[name].instances]
    facts: dict[str, Any] = {
        "scaled": any(each.scaled is not None for each in serving),
        "resized": bool(resized) and not spec.serve.serverless,
        "renamed": is_renamed(serving, spec),
    }
    scalings = {each.name: scaled_item(each.scaled) for each in serving}
    if len(serving) > 1 or spec.variants:
        facts["scalings"] = scalings
    if spec.variants:
        return {**facts, "counts": counts}
    (name, count), *_ = counts.items()
    return {**facts, "variant": name, "scaling": scalings.get(name, {}), "instances": count}


def _instances(wanted: Variant, serving: Serving | None) -> int:
    if serving is None or wanted.serve.serverless:
        return wanted.serve.instances
    return serving.instances_with(wanted.serve)


def variant_findings(serving: Sequence[Serving], spec: ReleaseSpec, where: str) -> Iterator[Finding]:
    """Tell why SageMaker would not update the variants that serve to those that are wanted, or not guard it.

    Args:
        serving: the variants that serve.
        spec: with those that are wanted.
        where: what the endpoint is called.
    """
    if is_renamed(serving, spec) and not spec.rollout.unguarded:
        yield _changed(serving, spec)
    if any(not is_serverless(each.configured) and _uncounted(each) for each in serving):
        message = "The endpoint has no instances of its own, and SageMaker guards no deployment of such a one."
        yield Finding("VARIANT_UNGUARDED", message, "Use another endpoint name.", where)
    elif any(is_serverless(each.configured) != bool(spec.serve.serverless) for each in serving):
        # Developer guide, "Update a serverless endpoint": instances never become serverless, and the way from there
        # to instances has no way back.
        now, wanted = ("has", "none") if spec.serve.serverless else ("has no", "some")
        message = f"The endpoint {now} instances and the spec wants {wanted}: SageMaker could not put that back."
        yield Finding("VARIANT_OTHER_KIND", message, "Use another endpoint name.", where)
    yield from _scaling(serving, spec)


def _uncounted(serving: Serving) -> bool:
    return serving.configured.get("InitialInstanceCount") is None


def _changed(serving: Sequence[Serving], spec: ReleaseSpec) -> Finding:
    now = " and ".join(each.name for each in serving) or "no variant"
    wanted = " and ".join(each.name for each in wanted_variants(serving, spec))
    lost = "SageMaker would move all traffic at once, without a bake and with no old fleet to go back to"
    message = f"The endpoint has {now}, and the release brings {wanted}: {lost}."
    step = "Keep the names, use another endpoint name, or accept it with `rollout: {unguarded: true}`."
    return Finding("VARIANTS_CHANGED", message, step, "variants")


def _scaling(serving: Sequence[Serving], spec: ReleaseSpec) -> Iterator[Finding]:
    """Hold each variant that stays to what scales it; one that is registered cannot go (developer guide, scaling)."""
    served = dict(zip((each.name for each in wanted_variants(serving, spec)), spec.served.items(), strict=True))
    for each in serving:
        if each.name in served:
            place, serve = served[each.name]
            fleet = Fleet(each.instances, str(each.configured.get("InstanceType", "")), serve.instance_type)
            for finding in scaling_findings(spec.autoscaling, each.scaled, fleet):
                yield placed(finding, place)
        elif each.scaled is not None:
            message = f"The variant {each.name} is registered for scaling, and SageMaker removes no such variant."
            yield Finding("AUTOSCALING_VARIANT", message, f"Keep it, or first: {removal(each.scaled)}.", "variants")


def weight_notes(serving: Sequence[Serving], spec: ReleaseSpec) -> Iterator[Finding]:
    """Tell where somebody changed a weight by hand that the spec's takes the place of."""
    wanted = {each.name: each.weight for each in spec.variants}
    for each in serving:
        now, first = each.described.get("DesiredWeight"), each.configured.get("InitialVariantWeight", 1.0)
        if (
            each.name in wanted
            and now is not None
            and not any(_is_weight(now, it) for it in (first, wanted[each.name]))
        ):
            message = f"The weight of {each.name} is {now:g} by somebody's hand, and becomes {wanted[each.name]:g}."
            yield Finding("WEIGHT_BY_HAND", message, "Write the weight that you want into the spec.", "variants")


def _is_weight(one: float, other: float) -> bool:
    """Whether two weights are the same to SageMaker, whose VariantWeight is a float of single precision."""
    return math.isclose(one, other, rel_tol=1e-6)

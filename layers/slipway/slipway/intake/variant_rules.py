"""What the variants of a spec must keep besides types and bounds, and what SageMaker has for a single one only."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.intake.sources import own_findings
from slipway.intake.target_rules import variant_target_findings
from slipway.intake.variants import sections
from slipway.release.naming import is_valid_name
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]


def variant_findings(values: Values) -> Iterator[Finding]:
    """Hold the variants to each other and to the rest of the spec.

    Args:
        values: the merged values, of any type, with variants.
    """
    variants = [variant if isinstance(variant, Mapping) else {} for variant in values["variants"]]
    if len(variants) == 1:
        what = "One variant alone is what there is without `variants`, and keeps the name that the endpoint has for it."
        yield Finding("SPEC_VARIANTS_ONE", what, "Name another one, or say it in `serve`.", "variants")
    names = [variant.get("name") for variant in variants]
    yield from _names(names)
    yield from _artifacts(variants)
    yield from _weights([variant.get("weight", 1) for variant in variants])
    yield from _excluded(values)
    yield from _targets(values.get("smoke"), [name for name in names if isinstance(name, str)])


def _names(names: list[Any]) -> Iterator[Finding]:
    times = Counter(name.lower() for name in names if isinstance(name, str))
    for index, name in enumerate(names):
        where = f"variants[{index}].name"
        if isinstance(name, str) and name and not is_valid_name(name):
            what = "SageMaker does not take this as the name of a variant."
            yield Finding("SPEC_VARIANT_NAME", what, "Use letters, digits and single hyphens within.", where)
        elif isinstance(name, str) and times[name.lower()] > 1:
            what = f"The name {name[:63]!a} is used twice."
            yield Finding("SPEC_VARIANT_TWICE", what, "Rename one; names that differ by case only are alike.", where)


def _artifacts(variants: list[Values]) -> Iterator[Finding]:
    if all(isinstance(variant.get("artifact"), str) for variant in variants):
        what = "Every variant names an artifact of its own, so none would serve what is dropped, or `artifact` names."
        yield Finding("SPEC_VARIANTS_DROP", what, "Leave it out of the variant that serves that.", "variants")
    for index, variant in enumerate(variants):
        where, serve = f"variants[{index}]", variant.get("serve")
        yield from own_findings(variant, where, "variant")
        if variant.get("artifact") is not None and isinstance(serve, Mapping) and serve.get("multi_model") is True:
            what = "Variants whose containers load many models serve one folder of archives, that of `artifact`."
            yield Finding("SPEC_VARIANT_MULTI_MODEL", what, "Remove it, or serve one model each.", f"{where}.artifact")


def _weights(weights: list[Any]) -> Iterator[Finding]:
    if all(isinstance(weight, int | float) and weight == 0 for weight in weights):
        what = "No variant would get any traffic: all weights are 0."
        yield Finding("SPEC_VARIANTS_WEIGHTLESS", what, "Give at least one of them a weight.", "variants")


def _excluded(values: Values) -> Iterator[Finding]:
    """Tell what SageMaker excludes for several variants (developer guide: deployment guardrails, serverless)."""
    rollout = values.get("rollout")
    if isinstance(rollout, Mapping) and rollout.get("strategy") == "rolling":
        what = "SageMaker leaves several variants out of rolling deployments, and would update all at once unguarded."
        yield Finding("SPEC_VARIANTS_ROLLING", what, "Use canary, linear or all_at_once.", "rollout.strategy")
    for where, serve in sections(values).items():
        if serve.get("serverless") is not None:
            what = "SageMaker has serverless endpoints with one variant only."
            yield Finding("SPEC_VARIANTS_SERVERLESS", what, "Give the variants instances.", f"{where}.serverless")


def _targets(smoke: Any, names: Sequence[str]) -> Iterator[Finding]:
    for index, case in enumerate(smoke if isinstance(smoke, list) else []):
        target = case.get("target_variant") if isinstance(case, Mapping) else None
        if isinstance(target, str):
            yield from variant_target_findings(target, names, f"smoke[{index}].target_variant")

"""What the steps know of the new fleets of a release: its variants, their metrics, how they get their traffic."""

from slipway.judging.alarms import Fleet
from slipway.release.naming import VARIANT, config_name
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.variant_spec import Variant
from slipway.rollout.endpoint_config import Served
from slipway.rollout.plan import Plan, plan_for


def is_update(release: Release) -> bool:
    """Whether the release updates an endpoint that serves."""
    return bool(release.fact(Phase.VERIFY_CONFIG, "mode") == "update")


def is_guarded(release: Release) -> bool:
    """Whether SageMaker's guardrails hold for the release: for updates, but for those of a serverless model, and for
    those that bring other variants."""
    excluded = release.wanted.serve.serverless or release.fact(Phase.VERIFY_CONFIG, "renamed")
    return is_update(release) and not excluded


def names_of(release: Release) -> list[str]:
    """Name the variants of a release, also of one without a spec; an adopted endpoint's one keeps its name."""
    named = [variant.name for variant in release.spec.variants] if release.spec else []
    return named or [str(release.fact(Phase.VERIFY_CONFIG, "variant", VARIANT))]


def variants_of(release: Release) -> tuple[Variant, ...]:
    """Give the variants that the spec names, else the one that every endpoint has."""
    return release.wanted.variants or (Variant(name=names_of(release)[0], serve=release.wanted.serve),)


def instances_of(release: Release) -> dict[str, int]:
    """Say how many instances each variant shall have, as it was found to be right."""
    counts = release.fact(Phase.VERIFY_CONFIG, "counts", {})
    alone = release.fact(Phase.VERIFY_CONFIG, "instances")
    return {each.name: int(counts.get(each.name, alone or each.serve.instances)) for each in variants_of(release)}


def served_by(release: Release) -> list[Served]:
    """Give the variants with their models, and the instances that they are configured with."""
    models = release.fact(Phase.CREATE_MODEL, "models", {})
    alone = release.fact(Phase.CREATE_MODEL, "model")
    counts = release.fact(Phase.VERIFY_CONFIG, "counts", {})
    return [
        Served(each, models.get(each.name, alone), int(counts.get(each.name, each.serve.instance_count)))
        for each in variants_of(release)
    ]


def fleets_of(release: Release) -> list[Fleet]:
    """Say whose metrics the alarms of the release read."""
    config, variants = config_name(release.endpoint, release.id), variants_of(release)
    several, guarded = len(variants) > 1, is_guarded(release)
    return [Fleet(release.endpoint, config, guarded, each.name, several) for each in variants]


def plan_of(release: Release) -> Plan:
    """Say how traffic moves, for the number of instances that was found to be right."""
    return plan_for(release.wanted.rollout, tuple(instances_of(release).values()))

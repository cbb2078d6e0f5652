"""What the steps know of the new fleet of a release: its variant, its metrics, how it gets its traffic."""

from slipway.judging.alarms import Fleet
from slipway.release.naming import VARIANT, config_name
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.rollout.plan import Plan


def is_update(release: Release) -> bool:
    """Whether the release updates an endpoint that serves."""
    return bool(release.fact(Phase.VERIFY_CONFIG, "mode") == "update")


def is_guarded(release: Release) -> bool:
    """Whether SageMaker's guardrails hold for the release: for updates, but for those of a serverless model."""
    return is_update(release) and not release.wanted.serve.serverless


def variant_of(release: Release) -> str:
    """Name the endpoint's one variant; an adopted endpoint keeps its own name for it."""
    return str(release.fact(Phase.VERIFY_CONFIG, "variant", VARIANT))


def fleet_of(release: Release) -> Fleet:
    """Say whose metrics the alarms of the release read."""
    config = config_name(release.endpoint, release.id)
    return Fleet(release.endpoint, config, is_guarded(release), variant_of(release))


def plan_of(release: Release) -> Plan:
    """Say how traffic moves, for the number of instances that was found to be right."""
    spec = release.wanted
    return Plan(spec.rollout, release.fact(Phase.VERIFY_CONFIG, "instances", spec.serve.instances))

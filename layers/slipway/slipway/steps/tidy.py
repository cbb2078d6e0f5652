"""What a release leaves behind and nobody needs any more is removed, and only that."""

from collections.abc import Sequence

from slipway.release.naming import config_name
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Outcome
from slipway.steps.work import Work


def remove_alarms(work: Work) -> None:
    """Remove the alarms made for the release and stop listening to all of them."""
    release = work.release
    own: Sequence[str] = release.intent(Phase.CREATE_CONFIG, "alarms", [])
    if own:
        work.tools.alarms.delete(own)
    for name in [*own, *(release.spec.alarms if release.spec else ())]:
        work.tools.ledger.unlisten(name, release.id)


def remove_leftovers(work: Work, outcome: Outcome) -> None:
    """Remove the config and the model that a release made, when it ended without anything serving from them."""
    if outcome in (Outcome.LIVE, Outcome.NEEDS_HUMAN) or work.release.spec is None:
        return
    release, hosting = work.release, work.tools.hosting
    config = release.intent(Phase.CREATE_CONFIG, "config")
    if config and not is_in_use(work, config):
        hosting.delete_config(config)
    model = release.fact(Phase.CREATE_MODEL, "model")
    if model and release.fact(Phase.CREATE_MODEL, "made") and not _is_kept(work, release, model):
        hosting.delete_model(model)


def is_in_use(work: Work, config: str) -> bool:
    """Whether the endpoint has, or is on its way to, this config."""
    described = work.tools.hosting.describe_endpoint(work.release.endpoint) or {}
    pending = (described.get("PendingDeploymentSummary") or {}).get("EndpointConfigName")
    return config in (described.get("EndpointConfigName"), pending)


def _is_kept(work: Work, release: Release, model: str) -> bool:
    """Whether the live release, or the one before it, serves from this model."""
    live = work.tools.ledger.live(release.endpoint)
    kept = {live.model, (live.previous or {}).get("model")} if live else set()
    return model in kept or is_in_use(work, config_name(release.endpoint, release.id))

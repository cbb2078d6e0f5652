"""What a release leaves behind and nobody needs any more is removed, and only that."""

from collections.abc import Sequence

from slipway.release.naming import config_name
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Outcome
from slipway.steps.past import EVER, has_been_live
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
    model = may_have_made(release)
    if model and not _is_kept(work, release, model):
        hosting.delete_model(model)


def may_have_made(release: Release) -> str:
    """Name the model that a release made, or may have made before its function died; empty if there is none such."""
    asked = str(release.intent(Phase.CREATE_MODEL, "model", ""))
    made = release.fact(Phase.CREATE_MODEL, "made", release.answer(Phase.CREATE_MODEL) is None)
    return asked if made else ""


def is_in_use(work: Work, config: str) -> bool:
    """Whether the endpoint has, or is on its way to, this config."""
    described = work.tools.hosting.describe_endpoint(work.release.endpoint) or {}
    pending = (described.get("PendingDeploymentSummary") or {}).get("EndpointConfigName")
    return config in (described.get("EndpointConfigName"), pending)


def _is_kept(work: Work, release: Release, model: str) -> bool:
    """Whether another release that can be gone back to serves from this model."""
    ledger, endpoint = work.tools.ledger, release.endpoint
    live = ledger.live(endpoint)
    kept = {live.model, (live.previous or {}).get("model")} if live else set()
    kept |= {line["model"] for line in ledger.history(endpoint, EVER) if has_been_live(line)}
    return model in kept or is_in_use(work, config_name(release.endpoint, release.id))

"""What a release leaves behind and nobody needs any more is removed, and only that."""

from collections.abc import Sequence
from dataclasses import asdict

from slipway.exchanges import Creation, Made
from slipway.record.endpoint_items import models_in
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Finding, Outcome
from slipway.steps.past import EVER, has_been_live
from slipway.steps.work import Work


def remove_alarms(work: Work) -> list[Finding]:
    """Remove the alarms made for the release and stop listening to all of them; tells of those that must stay."""
    release = work.release
    own: Sequence[str] = release.intent(Phase.CREATE_CONFIG, "alarms", [])
    gone = work.tools.alarms.delete(own) if own else Creation(Made.CREATED)
    for name in [*own, *(release.spec.alarms if release.spec else ())]:
        work.tools.ledger.unlisten(name, release.id)
    if gone.made is not Made.REFUSED:
        return []
    message = f"Its alarms could not be deleted: {gone.code} {gone.message}"
    step = "Allow what is missing; until they are gone the janitor tries again every six hours."
    return [Finding("ALARMS_LEFT", message, step, "alarms")]


def remove_leftovers(work: Work, outcome: Outcome) -> None:
    """Remove the config and the model that a release made, when it ended without anything serving from them."""
    if outcome in (Outcome.LIVE, Outcome.NEEDS_HUMAN) or work.release.spec is None:
        return
    release, hosting = work.release, work.tools.hosting
    config = release.intent(Phase.CREATE_CONFIG, "config")
    if config and not is_in_use(work, config):
        hosting.delete_config(config)
    made = may_have_made(release)
    for model in made - _kept(work, release) if made else ():
        hosting.delete_model(model)


def may_have_made(release: Release) -> set[str]:
    """Name the models that a release made, or may have made before its function died."""
    one = release.intent(Phase.CREATE_MODEL, "model", "")
    asked = set(release.intent(Phase.CREATE_MODEL, "models", [])) | ({one} if one else set())
    made = release.fact(Phase.CREATE_MODEL, "made", release.answer(Phase.CREATE_MODEL) is None)
    if isinstance(made, bool):  # nobody knows yet, or an earlier Slipway wrote it down
        return asked if made else set()
    return set(made)


def is_in_use(work: Work, config: str) -> bool:
    """Whether the endpoint has, or is on its way to, this config."""
    return config in _configs_of(work)


def _configs_of(work: Work) -> set[str]:
    described = work.tools.hosting.describe_endpoint(work.release.endpoint) or {}
    pending = described.get("PendingDeploymentSummary") or {}
    return {each["EndpointConfigName"] for each in (described, pending) if each.get("EndpointConfigName")}


def _kept(work: Work, release: Release) -> set[str]:
    """Name the models that serve, or may serve again: of releases that went live, or that a human has to look at."""
    ledger, endpoint = work.tools.ledger, release.endpoint
    live, kept = ledger.live(endpoint), _served(work)
    if live is not None:
        kept |= models_in(asdict(live)) | models_in(live.previous or {})
    for line in ledger.history(endpoint, EVER):
        if has_been_live(line) or line["outcome"] == Outcome.NEEDS_HUMAN:
            kept |= models_in(line)
    return kept


def _served(work: Work) -> set[str]:
    """Name the models of the configs that the endpoint has and is on its way to, whoever made these."""
    described = [work.tools.hosting.describe_config(config) or {} for config in _configs_of(work)]
    return {variant.get("ModelName", "") for each in described for variant in each.get("ProductionVariants", [])}

"""What an endpoint needs and somebody deleted: its config, or the model that it serves from.

SageMaker deletes both without a word while an endpoint uses them (API_DeleteEndpointConfig, API_DeleteModel): it serves
on, and can neither start another instance of them nor be updated back to them. An endpoint whose config is gone cannot
be updated at all (terraform-provider-aws, issue 40048).
"""

from collections.abc import Iterator

from slipway.exchanges import Item
from slipway.ports import Hosting
from slipway.release.phases import Phase
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding
from slipway.rollout.endpoint_config import is_serverless
from slipway.steps.past import EVER, has_been_live
from slipway.steps.work import Work

STAND_IN = "IsStandIn"
"""Marks what is no answer of DescribeEndpointConfig."""


def config_gone(config: str, where: str) -> Finding:
    """Refuse to release over a config that is deleted."""
    message = f"The config {config} was deleted while it serves, and SageMaker updates no endpoint without its config."
    step = "Have it made anew from the ledger by `slipway release … --force`; an adopted one has to be made by hand."
    return Finding("CONFIG_GONE", message, step, where)


def restoring(work: Work, maker: str) -> Item | None:
    """Give the facts by which a config is made anew that was deleted; None where the ledger does not know it.

    Args:
        work: of the release that is to update its endpoint.
        maker: the release that made the config.
    """
    release = work.tools.ledger.release(maker) if maker else None
    if release is None or release.spec is None:
        return None
    known = {name: release.fact(Phase.VERIFY_CONFIG, name, {}) for name in ("carried", "kept")}
    return {**known, "restores": maker}


def stand_in_for(described: Item | None, spec: ReleaseSpec) -> Item | None:
    """Make up a config from what an endpoint still says: its variants, of the instance types that the spec asks for."""
    if described is None:
        return None
    types = {variant.name: variant.serve.instance_type for variant in spec.variants}
    variants = [
        each if is_serverless(each) else {**each, **_configured(each, types.get(each["VariantName"], usual))}
        for usual in [spec.serve.instance_type]
        for each in described.get("ProductionVariants") or []
    ]
    return {STAND_IN: True, "ProductionVariants": variants}


def _configured(variant: Item, kind: str) -> Item:
    return {
        "InstanceType": kind,
        "InitialInstanceCount": variant.get("DesiredInstanceCount"),
        "InitialVariantWeight": variant.get("DesiredWeight", 1.0),
    }


def is_stand_in(serving: Item | None) -> bool:
    """Whether the config that serves was deleted, and this is made up for it."""
    return bool(serving and serving.get(STAND_IN))


def models_gone(work: Work, models: list[str]) -> Iterator[Finding]:
    """Warn of models that are deleted while the endpoint serves from them."""
    for model in models:
        if work.tools.hosting.describe_model(model) is None:
            message = f"The model {model} was deleted while the endpoint serves from it: only a bake leads back to it."
            step = "Nothing for this release; for a cold way back the release that was live before is taken."
            yield Finding("MODEL_GONE", message, step, f"endpoint {work.release.endpoint}")


def lacking(hosting: Hosting, config: str) -> str:
    """Say what keeps a config from being gone back to; empty if nothing does."""
    described = hosting.describe_config(config)
    if described is None:
        return f"its config {config} was deleted"
    models = {variant.get("ModelName", "") for variant in described["ProductionVariants"]} - {""}
    gone = sorted(model for model in models if hosting.describe_model(model) is None)
    return f"the model {gone[0]} of its config {config} was deleted" if gone else ""


def detour(work: Work, avoid: set[str]) -> str:
    """Name the newest release that was live and can serve again; empty if there is none.

    Args:
        work: of a way back.
        avoid: configs that it cannot or must not lead to.
    """
    lines = work.tools.ledger.history(work.release.endpoint, EVER)
    usable = (line for line in lines if has_been_live(line) and not line.get("retired") and line["config"] not in avoid)
    return next((str(line["release"]) for line in usable if not lacking(work.tools.hosting, line["config"])), "")

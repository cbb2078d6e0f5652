"""In which VPC a new model is: as its spec names it, else as the live model has it."""

from slipway.exchanges import Item
from slipway.release.phases import Phase
from slipway.release.variant_spec import Variant
from slipway.release.verdicts import Finding
from slipway.steps.work import Work


def vpc_of(work: Work, variant: Variant) -> Item | Finding:
    """Give the VpcConfig of the new model of a variant, empty for none; or why it cannot be known or had.

    What Slipway made is known from the ledger; an adopted model is asked for.
    """
    wanted = variant.serve.vpc
    vpc = wanted.as_request() if wanted.subnets or not wanted.keep else _live_one(work, variant.name)
    if isinstance(vpc, Finding) or not vpc or work.tools.settings.models_in_vpc:
        return vpc
    message = f"The model would be in a VPC ({', '.join(vpc['Subnets'])}), which SageMaker may not enter here."
    step = "Have the stack deployed with ModelsInVpc, or leave the VPC by `keep: false`."
    return Finding("VPC_CLOSED", message, step, "serve.vpc")


def _live_one(work: Work, variant: str) -> Item | Finding:
    """Give that of the live variant of this name; of another name, that of the first one."""
    ledger, endpoint = work.tools.ledger, work.release.endpoint
    live = ledger.live(endpoint)
    if live is None:
        return _vpc_of_model(work, _served(work, variant)) if work.release.wanted.adopt else {}
    release = ledger.release(live.release)
    known = release.fact(Phase.CREATE_MODEL, "vpcs", {}).get(variant, release.fact(Phase.CREATE_MODEL, "vpc"))
    model = release.fact(Phase.CREATE_MODEL, "models", {}).get(variant, live.model)
    return _vpc_of_model(work, model) if known is None else dict(known)


def _served(work: Work, variant: str) -> str:
    """Name the model that a variant serves of an endpoint which is to be adopted; empty where there is none."""
    hosting = work.tools.hosting
    endpoint = hosting.describe_endpoint(work.release.endpoint) or {}
    config = hosting.describe_config(endpoint["EndpointConfigName"]) if "EndpointConfigName" in endpoint else None
    variants = (config or {}).get("ProductionVariants") or [{}]
    models = {each.get("VariantName"): each.get("ModelName", "") for each in variants}
    return str(models.get(variant, variants[0].get("ModelName", "")))


def _vpc_of_model(work: Work, model: str) -> Item | Finding:
    described = work.tools.hosting.describe_model(model) if model else {}
    if described is None:
        message = f"The live model {model} is gone, so whether it was in a VPC is not known."
        return Finding("VPC_UNKNOWN", message, "Name serve.vpc, or set its `keep` to false.", "serve.vpc")
    return dict(described.get("VpcConfig") or {})

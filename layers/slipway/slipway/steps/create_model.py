"""Create the Model: named by its content; create it, or describe and compare. Variants of one content share one."""

from datetime import datetime, timedelta

from slipway.exchanges import Item, Made
from slipway.release.parts import frozen_addresses
from slipway.release.phases import Phase
from slipway.release.variant_spec import Variant
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.endpoint_config import model_request, same_model
from slipway.rollout.refusals import refusal
from slipway.steps.fleets import variants_of
from slipway.steps.networking import vpc_of
from slipway.steps.work import Work

SKEW = timedelta(seconds=5)
"""How far SageMaker's clock may be behind; a model that something serves from is kept whoever made it."""


def create_model(work: Work) -> Verdict:
    """Answer CREATED with the models' names and which of them this release made, or REFUSED with every finding."""
    variants = variants_of(work.release)
    found = {variant.name: vpc_of(work, variant) for variant in variants}
    if wrong := dict.fromkeys(each for each in found.values() if isinstance(each, Finding)):
        return refused(*wrong)
    vpcs = {name: vpc for name, vpc in found.items() if not isinstance(vpc, Finding)}
    asked = {each.name: _request(work, each, vpcs[each.name]) for each in variants}
    models = {name: str(request["ModelName"]) for name, request in asked.items()}
    requests = {request["ModelName"]: request for request in asked.values()}
    first = next(iter(requests))
    again = bool(work.release.intent(Phase.CREATE_MODEL, "model"))
    work.intend(model=first, **({"models": list(requests)} if len(requests) > 1 else {}))
    made = list[str]()
    for name, request in requests.items():
        creation = _create(work, request, again=again)
        if isinstance(creation, Finding):
            return refused(creation, model=first, made=made)
        made += [name] if creation else []
    facts = {"model": first, "made": made, "vpc": vpcs[variants[0].name]}
    if len(variants) > 1:
        facts |= {"models": models, "vpcs": vpcs}
    there = [name for name in requests if name not in made]
    told = [*made, *(f"{name}, which was there already" for name in there)]
    return Verdict(Answer.CREATED, " and ".join(told), facts=facts)


def _request(work: Work, variant: Variant, vpc: Item) -> Item:
    """Ask for a variant's model; one with an artifact of its own serves that instead of what was dropped."""
    addresses, role = frozen_addresses(work.release), work.tools.settings.model_role_arn
    addresses[""] = addresses[variant.artifact or ""]
    return model_request(work.release, variant.serve, addresses, role, vpc)


def _create(work: Work, request: Item, *, again: bool) -> bool | Finding:
    """Make one model; tells whether this release made it, or why there is none."""
    name, hosting = request["ModelName"], work.tools.hosting
    creation = hosting.create_model(request)
    if creation.made is Made.REFUSED:
        return refusal(creation.code, creation.message, f"model {name}")
    if creation.made is Made.CREATED:
        return True
    described = hosting.describe_model(name)
    if described is None or not same_model(described, request):
        return _collision(name)
    return again or _is_of_now(work, described)


def _is_of_now(work: Work, described: Item) -> bool:
    """Whether a model came to be while this step ran: then the call whose answer was lost made it."""
    created = described.get("CreationTime")
    return created is not None and created >= datetime.fromisoformat(work.began) - SKEW


def _collision(name: str) -> Finding:
    return Finding(
        "MODEL_COLLISION",
        "A model of this name exists and is another one; it is left alone.",
        "Delete or rename it, then drop the artifact again.",
        f"model {name}",
    )

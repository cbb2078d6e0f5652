"""Create the Model: named by its content; create it, or describe and compare."""

from datetime import datetime, timedelta

from slipway.exchanges import Item, Made
from slipway.release.parts import frozen_addresses
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.endpoint_config import model_request, same_model
from slipway.rollout.refusals import refusal
from slipway.steps.networking import vpc_of
from slipway.steps.work import Work

SKEW = timedelta(seconds=5)
"""How far SageMaker's clock may be behind; a model that something serves from is kept whoever made it."""


def create_model(work: Work) -> Verdict:
    """Answer CREATED with the model's name and whether this release made it, or REFUSED."""
    vpc = vpc_of(work)
    if isinstance(vpc, Finding):
        return refused(vpc)
    request = model_request(work.release, frozen_addresses(work.release), work.tools.settings.model_role_arn, vpc)
    name = request["ModelName"]
    again = bool(work.release.intent(Phase.CREATE_MODEL, "model"))
    work.intend(model=name)
    creation = work.tools.hosting.create_model(request)
    if creation.made is Made.REFUSED:
        return refused(refusal(creation.code, creation.message, f"model {name}"), model=name)
    if creation.made is Made.CREATED:
        return Verdict(Answer.CREATED, name, facts={"model": name, "made": True, "vpc": vpc})
    described = work.tools.hosting.describe_model(name)
    if described is None or not same_model(described, request):
        return refused(_collision(name))
    made = again or _is_of_now(work, described)
    return Verdict(Answer.CREATED, f"{name} was there already", facts={"model": name, "made": made, "vpc": vpc})


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

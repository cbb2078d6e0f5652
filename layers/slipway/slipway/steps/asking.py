"""Who asks for a release: as whoever asks says, else the account that its way in vouches for."""

from slipway.intake.approvals import Approved
from slipway.intake.requests import Requested
from slipway.intake.triggers import Asked, Drop, SpecDrop
from slipway.intake.writers import who_wrote
from slipway.steps.work import Work

REGISTRY = "approval in the model registry"


def asker_of(work: Work, trigger: Asked) -> str:
    """Name who asks: of an upload what its metadata says, or the account that S3 tells, which is no person."""
    match trigger:
        case Drop() | SpecDrop():
            facts = work.tools.artifacts.head(trigger.ref)
            return (facts.asked_by if facts else "") or who_wrote(work.request.event).account
        case Requested():
            return trigger.requested_by
        case Approved():
            return REGISTRY

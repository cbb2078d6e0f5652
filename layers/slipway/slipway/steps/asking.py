"""Who asks for a release: as whoever asks says, else the account that its way in vouches for."""

from slipway.exchanges import ObjectFacts
from slipway.intake.approvals import Approved
from slipway.intake.requests import Requested
from slipway.intake.triggers import Asked, Drop, SpecDrop
from slipway.intake.writers import who_wrote
from slipway.release.release import ObjectRef
from slipway.steps.work import Work

REGISTRY = "approval in the model registry"


def asker_of(work: Work, trigger: Asked, artifact: ObjectRef) -> str:
    """Name who asks: of an upload what its metadata says, or the account that S3 tells, which is no person.

    Args:
        work: with the event.
        trigger: what the event asks for.
        artifact: of the pair that it was resolved to.
    """
    match trigger:
        case Drop() | SpecDrop():
            said = _newer(work, trigger.ref, artifact)
            return (said.asked_by if said else "") or who_wrote(work.request.event).account
        case Requested():
            return trigger.requested_by
        case Approved():
            return REGISTRY


def _newer(work: Work, ref: ObjectRef, artifact: ObjectRef) -> ObjectFacts | None:
    """Look at the upload that completed the pair: a spec's event may be read when the artifact has followed already."""
    facts = work.tools.artifacts.head(ref)
    is_beside = artifact.bucket == ref.bucket and artifact.key != ref.key
    followed = work.tools.artifacts.head(artifact) if facts and is_beside else None
    return followed if facts and followed and followed.modified_at >= facts.modified_at else facts

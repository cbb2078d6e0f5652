"""Promote the Release: the last check of everything that live means, then the live pointer moves."""

from slipway.errors import LedgerConflictError
from slipway.exchanges import Made
from slipway.release.parts import content_digest
from slipway.release.phases import Phase
from slipway.release.release import Live, Release, models_of
from slipway.release.verdicts import Answer, Finding, Verdict
from slipway.rollout.endpoint_config import tags
from slipway.rollout.endpoint_state import Sight
from slipway.steps.fencing import hold_the_fence
from slipway.steps.fleets import is_update, names_of
from slipway.steps.scaling import scale
from slipway.steps.sights import forward, look
from slipway.steps.work import Work


def promote_release(work: Work) -> Verdict:
    """Answer LIVE, or NOT_LIVE when at the last look the endpoint is not what it was seen to be."""
    release, ledger = work.release, work.tools.ledger
    before = ledger.live(release.endpoint)
    if before is not None and before.release == release.id:
        return Verdict(Answer.LIVE, "it was promoted before", tuple(_dress(work)))
    if release.aborted_by:
        return Verdict(Answer.NOT_LIVE, f"aborted by {release.aborted_by}")
    seen = look(work, forward(release))
    if seen.sight is not Sight.IN_SERVICE:
        return Verdict(Answer.NOT_LIVE, seen.reason or f"the endpoint is {seen.sight.value}")
    if release.answer(Phase.RUN_SMOKE_INVOCATIONS) is not Answer.PASSED:
        return Verdict(Answer.NOT_LIVE, "its smoke has not passed")
    if release.answer(Phase.WATCH_ALARMS) not in (Answer.QUIET, Answer.NEEDS_APPROVAL):
        return Verdict(Answer.NOT_LIVE, "its alarms were not watched to the end")
    is_left_to_a_human = release.answer(Phase.WATCH_ALARMS) is Answer.NEEDS_APPROVAL
    if is_left_to_a_human and release.answer(Phase.WAIT_FOR_FINAL_APPROVAL) is not Answer.APPROVED:
        return Verdict(Answer.NOT_LIVE, "nobody has approved it")
    findings = tuple(_dress(work))
    hold_the_fence(work)
    if not ledger.move_live(before, live_of(release, before, ledger.now())):
        raise LedgerConflictError(f"the live pointer of {release.endpoint} was moved by somebody else")
    return Verdict(Answer.LIVE, "InService, smoke passed, alarms quiet", findings)


def _dress(work: Work) -> list[Finding]:
    """Apply what a spec asks of the endpoint besides its config. What AWS refuses of it is told, and changes nothing
    else: the model serves, and has been judged."""
    release, wanted = work.release, work.release.wanted
    if wanted.autoscaling.max_capacity is not None:
        work.intend(scaling=True)
    found = [each for name in names_of(release) for each in scale(work, wanted.autoscaling, name)]
    return [*found, *_tag(work)] if wanted.tags and is_update(release) else found


def _tag(work: Work) -> list[Finding]:
    """Give the endpoint the spec's tags, which UpdateEndpoint cannot take; other tags stay."""
    wanted = {tag["Key"]: tag["Value"] for tag in tags(work.release)}
    tagged = work.tools.hosting.tag(work.release.fact(Phase.VERIFY_CONFIG, "arn"), wanted)
    if tagged.made is not Made.REFUSED:
        return []
    message = f"The endpoint could not be given its tags: {tagged.code} {tagged.message}"
    return [Finding("TAGS_NOT_APPLIED", message, "Tag it by hand, or release again.", "tags")]


def live_of(release: Release, before: Live | None, at: str) -> Live:
    """Say what an endpoint serves with a release: what every rollback goes back to.

    Args:
        release: with all its phases.
        before: what was live before it, None if nothing was or if that is not known.
        at: when it became live (ISO 8601).
    """
    previous = None
    if before is not None:
        names = ("endpoint", "release", "config", "model", "digest", "spec_hash", "at", "models")
        previous = {name: getattr(before, name) for name in names}
    return Live(
        endpoint=release.endpoint,
        release=release.id,
        config=release.fact(Phase.CREATE_CONFIG, "config"),
        model=release.fact(Phase.CREATE_MODEL, "model"),
        digest=content_digest(release),  # an adopted release has none
        spec_hash=release.fact(Phase.READ_RELEASE, "spec_hash", ""),
        previous=previous,
        at=at,
        models=models_of(release),
    )

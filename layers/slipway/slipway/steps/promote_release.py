"""Promote the Release: the last check of everything that live means, then the live pointer moves."""

from slipway.errors import LedgerConflictError
from slipway.release.phases import Phase
from slipway.release.release import Live, Release
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_state import Sight
from slipway.steps.sights import forward, look
from slipway.steps.work import Work


def promote_release(work: Work) -> Verdict:
    """Answer LIVE, or NOT_LIVE when at the last look the endpoint is not what it was seen to be."""
    release, ledger = work.release, work.tools.ledger
    before = ledger.live(release.endpoint)
    if before is not None and before.release == release.id:
        return Verdict(Answer.LIVE, "it was promoted before")
    seen = look(work, forward(release))
    if seen.sight is not Sight.IN_SERVICE:
        return Verdict(Answer.NOT_LIVE, seen.reason or f"the endpoint is {seen.sight.value}")
    if release.answer(Phase.RUN_SMOKE_INVOCATIONS) is not Answer.PASSED:
        return Verdict(Answer.NOT_LIVE, "its smoke has not passed")
    if release.answer(Phase.WATCH_ALARMS) is not Answer.QUIET:
        return Verdict(Answer.NOT_LIVE, "its alarms were not watched to the end")
    if not ledger.move_live(before, live_of(release, before, ledger.now())):
        raise LedgerConflictError(f"the live pointer of {release.endpoint} was moved by somebody else")
    return Verdict(Answer.LIVE, "InService, smoke passed, alarms quiet")


def live_of(release: Release, before: Live | None, at: str) -> Live:
    """Say what an endpoint serves with a release: what every rollback goes back to.

    Args:
        release: with all its phases.
        before: what was live before it, None if nothing was or if that is not known.
        at: when it became live (ISO 8601).
    """
    previous = None
    if before is not None:
        names = ("endpoint", "release", "config", "model", "digest", "spec_hash", "at")
        previous = {name: getattr(before, name) for name in names}
    return Live(
        endpoint=release.endpoint,
        release=release.id,
        config=release.fact(Phase.CREATE_CONFIG, "config"),
        model=release.fact(Phase.CREATE_MODEL, "model"),
        digest=release.fact(Phase.VERIFY_ARTIFACT, "digest"),
        spec_hash=release.fact(Phase.READ_RELEASE, "spec_hash"),
        previous=previous,
        at=at,
    )

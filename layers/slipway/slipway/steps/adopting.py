"""Take over an endpoint that Slipway did not make: what it serves now becomes its live release, to go back to."""

from dataclasses import asdict
from typing import Any

from slipway.errors import LedgerConflictError
from slipway.exchanges import Made
from slipway.release.naming import newest, release_id
from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, Release, models_of
from slipway.release.verdicts import Answer, Finding, Outcome, Verdict
from slipway.steps.ground import Ground
from slipway.steps.promote_release import live_of
from slipway.steps.work import Work

REASON = "adopted: it served before Slipway came"


def adopt(work: Work, ground: Ground) -> list[Finding]:
    """Mark the endpoint as one that Slipway may change, and write down as live what serves.

    Returns:
        Why it cannot be marked; then nothing is written.

    Raises:
        LedgerConflictError: somebody else moved the live pointer meanwhile.
    """
    if ground.described is None or ground.serving is None:
        return []
    ledger, endpoint = work.tools.ledger, work.release.endpoint
    release = _release(work, ground.config, newest(ground.serving["CreationTime"].isoformat()))
    marks = {"slipway:release": release.id, "slipway:endpoint": endpoint}
    marked = work.tools.hosting.tag(ground.described["EndpointArn"], marks)
    if marked.made is Made.REFUSED:
        message = f"The endpoint cannot be marked as Slipway's: {marked.code} {marked.message}"
        return [Finding("ADOPTION_REFUSED", message, "Allow what is missing, then drop again.", f"endpoint {endpoint}")]
    ledger.finish(release)
    models = {each.name: each.model for each in ground.variants}
    facts: dict[str, Any] = {"model": _model_of(ground), **({"models": models} if len(models) > 1 else {})}
    made = {Phase.CREATE_MODEL: facts, Phase.CREATE_CONFIG: {"config": ground.config}}
    for phase, said in made.items():
        ledger.conclude(release, phase, Verdict(Answer.CREATED, REASON, facts=said))
    _move(work, ground, _live(work, ground, release))
    ledger.remember(release, Outcome.LIVE, REASON)
    return []


def live_again(work: Work, ground: Ground) -> Live:
    """Say what is live once an earlier live release is accepted that somebody put back by hand."""
    maker = ground.maker or {}
    return live_of(work.tools.ledger.release(maker["release"]), None, work.tools.ledger.now())


def acknowledge(work: Work, ground: Ground, known: Live) -> tuple[Finding, ...]:
    """Let the live pointer follow what somebody did by hand, and tell it; nothing if it points there already.

    Raises:
        LedgerConflictError: somebody else moved the live pointer meanwhile.
    """
    if known == ground.live:
        return ()
    _move(work, ground, known)
    was = f", and not {ground.live.release}, which was live" if ground.live else ""
    message = f"Somebody put release {known.release} back by hand: it serves{was}. It counts as live again."
    step = f"Next time use `slipway rollback {known.endpoint} --to {known.release}`, which verifies it."
    return (Finding("PUT_BACK_BY_HAND", message, step, f"endpoint {known.endpoint}"),)


def _move(work: Work, ground: Ground, after: Live) -> None:
    if not work.tools.ledger.move_live(ground.live, after):
        raise LedgerConflictError(f"the live pointer of {after.endpoint} was moved by somebody else")


def _release(work: Work, config: str, created_at: str) -> Release:
    """The release that would have put the config there; its order is older than that of any drop that adopts it."""
    mine, now = work.release, work.tools.clock.now()
    return Release(
        id=release_id(mine.endpoint, now, config),
        kind=Kind.RELEASE,
        endpoint=mine.endpoint,
        execution=mine.execution,
        order=created_at,
        requested_at=created_at,
        requested_by=mine.requested_by,
        spec_source=f"adopted by {mine.id}",
        outcome=Outcome.LIVE,
        reason=REASON,
    )


def _model_of(ground: Ground) -> str:
    return ground.variants[0].model if ground.variants else ""


def _live(work: Work, ground: Ground, release: Release) -> Live:
    previous = {**asdict(ground.live)} if ground.live else None
    if previous is not None:
        del previous["previous"]
    return Live(
        endpoint=work.release.endpoint,
        release=release.id,
        config=ground.config,
        model=_model_of(ground),
        digest="",
        spec_hash="",
        previous=previous,
        at=work.tools.ledger.now(),
        models=models_of(release),
    )

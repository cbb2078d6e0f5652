"""Roll Back the Release: back to what is live, or away with a first-ever endpoint that this release made."""

from dataclasses import replace

from slipway.exchanges import Creation, Item, Made
from slipway.record.news import News
from slipway.release.ending import cause
from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, Release
from slipway.release.verdicts import Answer, Finding, Verdict
from slipway.rollout.endpoint_config import is_serverless, update_request
from slipway.rollout.guardrails import rollback_config
from slipway.rollout.undo import Undoing, undo
from slipway.steps.busy import busy
from slipway.steps.scaling import asked, before, settle
from slipway.steps.sights import has_settled
from slipway.steps.telling import tell
from slipway.steps.ways_back import Way, around, no_way, way_asked, way_undone
from slipway.steps.work import Work

TIMEOUT_SECONDS = 3600
LOOKS = 4
"""How often 'nothing to undo' is looked at before it is believed, if a call may have been made that is not seen yet."""

LOOKS_AFTER_CALL = 15
"""The same after a call that SageMaker took: then it is not believed at all, and what comes of the call waited for."""

PAUSE_SECONDS = 2.0


def roll_back_release(work: Work) -> Verdict:
    """Answer STARTED, IN_DEPLOYMENT, BUSY, NOTHING_TO_UNDO, FORWARD_ONLY, IMPOSSIBLE, or REFUSED by SageMaker."""
    release = work.release
    live = work.tools.ledger.live(release.endpoint)
    if release.kind is Kind.RELEASE and live is not None and live.release == release.id:
        return Verdict(Answer.FORWARD_ONLY, "it was promoted already; only another release or a rollback changes that")
    if release.outcome is not None:
        return Verdict(Answer.FORWARD_ONLY, f"it ended {release.outcome} already; only its close was left to do")
    way = _asked(work, live) if release.kind is Kind.ROLLBACK else way_undone(release)
    if way is None:
        return no_way(release)
    described, undoing = _look(work, way)
    if undoing.answer is Answer.IN_DEPLOYMENT and release.kind is Kind.ROLLBACK:
        return busy(work, described["EndpointStatus"] if described else "")
    if undoing.action == "update":
        way, hopeless = around(work, way)
        if hopeless:
            return Verdict(Answer.IMPOSSIBLE, hopeless)
        undoing = replace(undoing, config=way.back_to, reason=f"the endpoint is updated back to {way.back_to}")
    if undoing.answer is Answer.NOTHING_TO_UNDO:
        return Verdict(undoing.answer, undoing.reason, tuple(_settle(work, _scalings(work, undoing))))
    if undoing.answer is not Answer.STARTED:
        return Verdict(undoing.answer, undoing.reason)
    return _begin(work, undoing, way, described or {})


def _asked(work: Work, live: Live | None) -> Way | None:
    """The way back that somebody asked for; where it leads is written down, for the live pointer follows it."""
    way = way_asked(work, live, work.tools.hosting.describe_endpoint(work.release.endpoint))
    if way is not None:
        work.intend(to=way.to, config=way.back_to, was_live=way.is_live)
    return way


def _look(work: Work, way: Way) -> tuple[Item | None, Undoing]:
    """Look at the endpoint, until what became of a call can be seen, or what goes on without us is over."""
    release, looks = work.release, 0
    while True:
        described = work.tools.hosting.describe_endpoint(release.endpoint)
        undoing = undo(described, way.ours, way.back_to, asked=release.kind is Kind.ROLLBACK)
        looks += 1
        most = _looks(release, described, undoing)
        if looks >= most:
            unseen = undoing.answer is Answer.NOTHING_TO_UNDO and most == LOOKS_AFTER_CALL
            return described, UNSEEN if unseen else undoing
        work.tools.clock.sleep(PAUSE_SECONDS)


UNSEEN = Undoing(Answer.IN_DEPLOYMENT, "what SageMaker began cannot be seen yet; it is waited for")


def _looks(release: Release, described: Item | None, undoing: Undoing) -> int:
    """Say how often to look before a sight is believed."""
    call = release.phases.get(Phase.CREATE_ENDPOINT)
    if undoing.answer is not Answer.NOTHING_TO_UNDO or call is None or has_settled(release, described):
        return 1
    return LOOKS if call.answer is None else LOOKS_AFTER_CALL


def _begin(work: Work, undoing: Undoing, way: Way, described: Item) -> Verdict:
    scalings = _scalings(work, undoing)
    work.intend(
        action=undoing.action or _begun(work) or "await",
        config=undoing.config,
        before=way.ours,
        modified=described["LastModifiedTime"].isoformat(),
    )
    # SageMaker changes no instance type of what is registered; smaller limits would set the endpoint in motion first.
    findings = _settle(work, {name: item for name, item in scalings.items() if not item})
    creation = _change(work, undoing, described)
    if creation.made is Made.REFUSED and not _is_under_way(work, way, creation):
        return Verdict(Answer.REFUSED, f"SageMaker refused: {creation.code} {creation.message}")
    findings += _settle(work, {name: item for name, item in scalings.items() if item})
    why = cause(work.release, work.request.trouble) if work.release.kind is Kind.RELEASE else "it was asked for"
    tell(work, News.ROLLING_BACK, f"{why}; {undoing.reason}")
    return Verdict(Answer.STARTED, undoing.reason, tuple(findings))


def _begun(work: Work) -> str:
    """Give what an earlier try began whose answer was lost, or that died right after; empty if there was none."""
    return str(work.release.intent(Phase.ROLL_BACK_RELEASE, "action", ""))


def _settle(work: Work, scalings: dict[str, Item]) -> list[Finding]:
    return [finding for name, item in scalings.items() for finding in settle(work, name, item)]


def _scalings(work: Work, undoing: Undoing) -> dict[str, Item]:
    """Say how each variant was scaled before what is undone, empty for not at all; those left out stay as they are.

    Only where an update leads back: now, or by an earlier try that did not get as far as the scaling.
    """
    if "update" not in (undoing.action, _begun(work)):
        return {}
    release, ledger = work.release, work.tools.ledger
    live = ledger.live(release.endpoint)
    if release.kind is Kind.RELEASE or live is None:
        return before(release)
    undone = ledger.release(live.release)
    if release.to in ("", (live.previous or {}).get("release")):
        return before(undone)
    return asked(ledger.release(release.to), undone)


def _change(work: Work, undoing: Undoing, described: Item) -> Creation:
    endpoint, hosting = work.release.endpoint, work.tools.hosting
    match undoing.action:
        case "remove":
            return hosting.delete_endpoint(endpoint)
        case "update":
            # SageMaker turns no serverless endpoint into another kind and back, so as it is now it was before.
            variants = described.get("ProductionVariants", [])
            if any(map(is_serverless, variants)):
                return hosting.update_endpoint(update_request(endpoint, undoing.config, None, None))
            # The weights of several variants go back to those of the config, live counts never drop. A variant keeps
            # its weight by its name, and what it had alone is no part of what it has beside others.
            target = hosting.describe_config(undoing.config) or {}
            several = max(len(variants), len(target.get("ProductionVariants", []))) > 1
            weights = ["DesiredWeight"] if several else []
            deployment = rollback_config(TIMEOUT_SECONDS)
            return hosting.update_endpoint(update_request(endpoint, undoing.config, deployment, weights))
    return Creation(Made.CREATED)


def _is_under_way(work: Work, way: Way, creation: Creation) -> bool:
    """Whether a refused call is one whose first answer was lost: then it was refused because it has begun."""
    for looks in range(1, LOOKS + 1):
        described = work.tools.hosting.describe_endpoint(work.release.endpoint)
        undoing = undo(described, way.ours, way.back_to)
        if undoing.answer in (Answer.STARTED, Answer.NOTHING_TO_UNDO) and not undoing.action:
            return True
        if "in-progress" not in creation.message or looks == LOOKS:
            break
        work.tools.clock.sleep(PAUSE_SECONDS)
    return False

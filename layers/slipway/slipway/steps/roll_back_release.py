"""Roll Back the Release: back to what is live, or away with a first-ever endpoint that this release made."""

from dataclasses import dataclass

from slipway.exchanges import Creation, Item, Made
from slipway.release.naming import config_name
from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, Release
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_config import update_request
from slipway.rollout.guardrails import rollback_config
from slipway.rollout.undo import Undoing, undo
from slipway.steps.work import Work

TIMEOUT_SECONDS = 3600


@dataclass(frozen=True)
class Way:
    """From which config back to which."""

    ours: str
    back_to: str


def roll_back_release(work: Work) -> Verdict:
    """Answer STARTED, IN_DEPLOYMENT, NOTHING_TO_UNDO, FORWARD_ONLY or IMPOSSIBLE."""
    release = work.release
    live = work.tools.ledger.live(release.endpoint)
    if release.kind is Kind.RELEASE and live is not None and live.release == release.id:
        return Verdict(Answer.FORWARD_ONLY, "it was promoted already; only another release or a rollback changes that")
    way = _asked(release, live) if release.kind is Kind.ROLLBACK else _undone(release)
    if way is None:
        return _no_way(release)
    described = work.tools.hosting.describe_endpoint(release.endpoint)
    undoing = undo(described, way.ours, way.back_to)
    if undoing.answer is not Answer.STARTED:
        return Verdict(undoing.answer, undoing.reason)
    return _begin(work, undoing, way, described or {})


def _undone(release: Release) -> Way | None:
    """The way back of a release that went wrong; None when it never touched its endpoint."""
    if not release.intent(Phase.CREATE_ENDPOINT, "action"):
        return None
    return Way(release.fact(Phase.CREATE_CONFIG, "config"), release.fact(Phase.VERIFY_CONFIG, "before", ""))


def _asked(release: Release, live: Live | None) -> Way | None:
    """The way back that somebody asked for; None when there is nothing to go back to."""
    if live is None:
        return None
    if release.to:
        return Way(live.config, config_name(release.endpoint, release.to))
    return Way(live.config, live.previous["config"]) if live.previous else None


def _no_way(release: Release) -> Verdict:
    if release.kind is Kind.ROLLBACK:
        return Verdict(Answer.IMPOSSIBLE, "no earlier release of this endpoint is known to go back to")
    return Verdict(Answer.NOTHING_TO_UNDO, "the endpoint was not touched")


def _begin(work: Work, undoing: Undoing, way: Way, described: Item) -> Verdict:
    work.intend(
        action=undoing.action,
        config=undoing.config,
        before=way.ours,
        modified=described["LastModifiedTime"].isoformat(),
    )
    creation = _change(work, undoing)
    if creation.made is Made.REFUSED:
        return Verdict(Answer.IMPOSSIBLE, f"SageMaker refused: {creation.code} {creation.message}")
    return Verdict(Answer.STARTED, undoing.reason)


def _change(work: Work, undoing: Undoing) -> Creation:
    endpoint, hosting = work.release.endpoint, work.tools.hosting
    if undoing.action == "remove":
        return hosting.delete_endpoint(endpoint)
    return hosting.update_endpoint(update_request(endpoint, undoing.config, rollback_config(TIMEOUT_SECONDS)))

"""How the steps tell people what happens; that nobody could be told changes nothing but a count."""

from slipway.errors import NotAnnouncedError
from slipway.exchanges import Announcement
from slipway.record.news import Message, News, detail, subject, text
from slipway.release.phases import Phase
from slipway.release.release import Kind
from slipway.rollout.bake_cost import bake_cost
from slipway.steps.fleets import instances_of, is_guarded, plan_of, variants_of
from slipway.steps.work import Work
from slipway.telemetry import untold


def tell(work: Work, news: News, reason: str) -> None:
    """Announce what has just happened, after it happened.

    A step that is retried tells it again, under the same id: it is told at least once, or counted as untold.
    """
    message = Message(news, work.phase, reason, _bake_cost(work))
    try:
        work.tools.announcer.announce(
            Announcement(
                detail_type=news.value,
                subject=subject(work.release, message),
                text=text(work.release, message),
                detail=detail(work.release, message),
            )
        )
    except NotAnnouncedError as error:
        untold(work.request.state, str(error))


def tell_once(work: Work, news: News, reason: str) -> None:
    """Announce what a wait may see at every look, at the first of them."""
    if not work.release.intent(work.phase, "told"):
        tell(work, news, reason)
        work.intend(told=True)


def _bake_cost(work: Work) -> dict[str, object] | None:
    """What the bake of an update costs, while it is still to come or has just begun."""
    release = work.release
    coming = (Phase.WAIT_FOR_APPROVAL, Phase.CREATE_ENDPOINT, Phase.WAIT_FOR_IN_SERVICE)
    if release.kind is not Kind.RELEASE or not is_guarded(release) or work.phase not in coming:
        return None
    counts = instances_of(release)
    fleets = [(each.serve.instance_type, counts[each.name]) for each in variants_of(release)]
    return bake_cost(plan_of(release), fleets).as_item()

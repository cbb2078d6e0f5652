"""How the steps look at an endpoint: what the release wants of it, held against what SageMaker says."""

from collections.abc import Collection
from datetime import datetime

from slipway.errors import UnavailableError
from slipway.exchanges import Item
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer
from slipway.rollout.endpoint_state import Seen, Wanted, judge
from slipway.rollout.silences import is_due, looked_from, noted
from slipway.steps.work import Work
from slipway.telemetry import logger

MOVED = (Answer.IN_SERVICE, Answer.BAKING, Answer.ROLLED_BACK, Answer.GONE, Answer.FOREIGN, Answer.STUCK)
"""Answers of a wait that tell what became of the call."""

SEEN = (Answer.IN_SERVICE, Answer.BAKING)
"""Answers after which the endpoint was seen to act on the call."""


def look(work: Work, wanted: Wanted) -> Seen:
    """Describe the release's endpoint and judge it."""
    return judge(work.tools.hosting.describe_endpoint(work.release.endpoint), wanted)


def glance(work: Work, wanted: Wanted) -> Seen | None:
    """Look as one who waits: None when SageMaker gives no answer for now, which says nothing about the endpoint."""
    try:
        return look(work, wanted)
    except UnavailableError as error:
        logger.warning("the endpoint cannot be seen now", error=str(error))
        return None


def glance_when_due(work: Work, pause: int, ends: Collection[int] = ()) -> Seen | None:
    """Glance at what the release puts on its endpoint, if it is time to; None too when it is not.

    Args:
        work: of a wait.
        pause: rounds of the first silence that is broken by a look.
        ends: rounds in which something has to be decided.
    """
    request = work.request
    last = looked_from(work.release.intent(work.phase, "looked"))
    if not (work.release.aborted_by or is_due(request.round, request.looks, last, pause, ends)):
        return None
    seen = glance(work, forward(work.release))
    if seen is not None:
        work.intend(looked=noted(request.round, request.looks, last, seen.is_partial).as_item())
    return seen


def forward(release: Release) -> Wanted:
    """What the endpoint shall become while the release goes on."""
    if release.intent(Phase.CREATE_ENDPOINT, "action") == "remove":
        return Wanted(config="")
    return Wanted(
        release.fact(Phase.CREATE_CONFIG, "config"),
        release.fact(Phase.VERIFY_CONFIG, "before", ""),
        _time(release.fact(Phase.VERIFY_CONFIG, "modified")),
        bool(release.fact(Phase.CREATE_ENDPOINT, "seen_moving")) or release.answer(Phase.WAIT_FOR_IN_SERVICE) in SEEN,
        scaled=bool(release.fact(Phase.VERIFY_CONFIG, "scaled")),
    )


def has_settled(release: Release, described: Item | None) -> bool:
    """Whether an endpoint as it was before the call is what became of the call, and not an answer from before it.

    Right after a call the old answer may still be read (API_DescribeEndpoint); what was seen to move, or was removed
    on purpose, or refused, is as it looks.
    """
    call = release.phases.get(Phase.CREATE_ENDPOINT)
    if call is None or call.answer is Answer.REFUSED or call.intent.get("action") == "remove":
        return True
    if call.facts.get("seen_moving") or release.answer(Phase.WAIT_FOR_IN_SERVICE) in MOVED:
        return True
    modified = _time(release.fact(Phase.VERIFY_CONFIG, "modified"))
    return described is not None and modified is not None and described["LastModifiedTime"] > modified


def backward(release: Release) -> Wanted:
    """What the endpoint shall become on the way back that Roll Back the Release began."""
    record = release.phases[Phase.ROLL_BACK_RELEASE]
    return Wanted(
        record.intent.get("config", ""), record.intent.get("before", ""), _time(record.intent.get("modified", ""))
    )


def is_cold(release: Release) -> bool:
    """Whether Roll Back the Release began a way back of its own, rather than SageMaker one of its own."""
    return bool(release.intent(Phase.ROLL_BACK_RELEASE, "action"))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

"""Wait for InService, Wait for the Rollback: look at the endpoint, answer when it has settled or bakes."""

from dataclasses import replace
from typing import Any

from slipway.record.news import News
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_state import Seen, Sight
from slipway.rollout.guardrails import rearm_seconds, rounds
from slipway.rollout.hearing import Heard
from slipway.rollout.silences import looked_from, noted
from slipway.steps.fleets import plan_of
from slipway.steps.probing import failures_of_a_burst
from slipway.steps.sights import backward, forward, glance, glance_when_due, is_cold
from slipway.steps.telling import tell_once
from slipway.steps.work import Work

BAKE_SLACK_ROUNDS = 12
"""How many re-checks an update may need beyond its bake, for traffic to move and the old fleet to end."""

BETWEEN_STEPS = 2
"""Rounds by which the silence after a step is longer than the one before the first: the next one tells of itself."""

FORWARD = {
    Sight.IN_SERVICE: Answer.IN_SERVICE,
    Sight.BAKING: Answer.BAKING,
    Sight.RETURNED: Answer.ROLLED_BACK,
    Sight.GONE: Answer.GONE,
    Sight.FAILED: Answer.FAILED,
    Sight.FOREIGN: Answer.FOREIGN,
    Sight.STUCK: Answer.STUCK,
}

PARTIAL = "the new fleet has a part of the traffic, and is probed"
UNDER_WAY = (Sight.NOT_YET, Sight.BAKING, Sight.IN_SERVICE)

VETOED = {
    Sight.RETURNED: Answer.ROLLED_BACK,
    Sight.IN_SERVICE: Answer.IN_SERVICE,
    Sight.FAILED: Answer.FAILED,
    Sight.FOREIGN: Answer.FOREIGN,
    Sight.STUCK: Answer.STUCK,
}

COLD = {
    Sight.IN_SERVICE: Answer.ROLLED_BACK,
    Sight.GONE: Answer.GONE,
    Sight.RETURNED: Answer.STUCK,
    Sight.FAILED: Answer.FAILED,
    Sight.FOREIGN: Answer.FOREIGN,
    Sight.STUCK: Answer.STUCK,
}


def wait_for_endpoint(work: Work) -> Verdict | None:
    """Answer what the endpoint has become; None while it is on its way."""
    work.arm()
    return _forward(work) if work.phase is Phase.WAIT_FOR_IN_SERVICE else _back(work)


def _back(work: Work) -> Verdict | None:
    """Look at every re-check: on the way back time counts, and not calls."""
    release = work.release
    cold = is_cold(release)
    # An endpoint that is rescaled takes no update: on the way back it is waited for, whatever it serves.
    seen = glance(work, backward(release) if cold else replace(forward(release), scaled=False))
    return None if seen is None else _answer(COLD if cold else VETOED, seen, release)


def _forward(work: Work) -> Verdict | None:
    """While traffic is split only probes can tell anything; what failed once is not made good by a later burst."""
    seen, failing = _look(work)
    if seen is None:
        return None
    stopped = f"aborted by {work.release.aborted_by}" if work.release.aborted_by else ""
    failing = stopped or work.release.intent(Phase.WAIT_FOR_IN_SERVICE, "failing", "") or failing
    if seen.is_partial and not failing:
        failing = _probed(work)
    if failing and seen.sight in UNDER_WAY:
        work.intend(failing=failing)
        return Verdict(Answer.FAILED, failing)
    if seen.is_partial or seen.sight is Sight.BAKING:
        tell_once(work, News.BAKING, seen.reason if seen.sight is Sight.BAKING else PARTIAL)
    return _answer(FORWARD, seen, work.release)


def _look(work: Work) -> tuple[Seen | None, str]:
    """Look if it is time to. A new fleet that is known to have a part of the traffic is probed without a look, unless
    that fails; gives what failed."""
    release, request = work.release, work.request
    last = looked_from(release.intent(work.phase, "looked"))
    is_known = last is not None and last.partial
    if last is not None and is_known and request.heard == Heard.PART and request.looks > last.signals:
        work.intend(looked=noted(request.round, request.looks, last, partial=True).as_item())
        seen = None
    else:
        pause, end = release.fact(Phase.CREATE_ENDPOINT, "pause", 1), release.fact(Phase.CREATE_ENDPOINT, "rounds", 0)
        seen = glance_when_due(work, pause + BETWEEN_STEPS if is_known else pause, (end - 1,))
    failing = _probed(work) if seen is None and is_known else ""
    return (glance(work, forward(release)) if failing else seen), failing


def _probed(work: Work) -> str:
    return failures_of_a_burst(work, plan_of(work.release).share)


def _answer(answers: dict[Sight, Answer], seen: Seen, release: Release) -> Verdict | None:
    answer = answers.get(seen.sight)
    if answer is None:
        return None
    route = _watch(release, answer) if answer in (Answer.IN_SERVICE, Answer.BAKING) else {}
    return Verdict(answer, seen.reason or _reason(answer), facts=route, route=route)


def _reason(answer: Answer) -> str:
    return "the wanted config serves" if answer is Answer.IN_SERVICE else "what served before serves again"


def _watch(release: Release, answer: Answer) -> dict[str, Any]:
    """Say how long the alarms are watched: an update for its bake, and as long as the spec says if that is longer.

    The endpoint itself is looked at again when its bake is over by a round, or when the watch ends.
    """
    duration = release.wanted.watch.seconds
    if answer is Answer.BAKING:
        bake = plan_of(release).final_seconds
        each = rearm_seconds(bake)
        beyond = rounds(duration, each) if duration > bake else 0
        pause = rounds(bake, each) + 1
        most = max(pause - 1, beyond) + BAKE_SLACK_ROUNDS
        watch = {"watch_seconds": each, "watch_rounds": most, "least_rounds": beyond}
        return {"baking": True, **watch, "pause": pause, "end": beyond}
    each = rearm_seconds(duration)
    most = rounds(duration, each)
    return {"baking": False, "watch_seconds": each, "watch_rounds": most, "pause": max(1, most), "end": most}

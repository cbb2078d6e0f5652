"""Wait for InService, Wait for the Rollback: look at the endpoint, answer when it has settled or bakes."""

from typing import Any

from slipway.record.news import News
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_state import Seen, Sight
from slipway.rollout.guardrails import rearm_seconds, rounds
from slipway.steps.fleets import plan_of
from slipway.steps.probing import failures_of_a_burst
from slipway.steps.sights import backward, forward, glance, is_cold
from slipway.steps.telling import tell_once
from slipway.steps.work import Work

BAKE_SLACK_ROUNDS = 12
"""How many re-checks an update may need beyond its bake, for traffic to move and the old fleet to end."""

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
    release = work.release
    cold = work.phase is Phase.WAIT_FOR_ROLLBACK and is_cold(release)
    seen = glance(work, backward(release) if cold else forward(release))
    if seen is None:
        return None
    if work.phase is Phase.WAIT_FOR_IN_SERVICE:
        return _go_forward(work, seen)
    return _answer(COLD if cold else VETOED, seen, release)


def _go_forward(work: Work, seen: Seen) -> Verdict | None:
    """While traffic is split only probes can tell anything; what failed once is not made good by a later burst."""
    stopped = f"aborted by {work.release.aborted_by}" if work.release.aborted_by else ""
    failing = stopped or work.release.intent(Phase.WAIT_FOR_IN_SERVICE, "failing", "")
    if seen.is_partial and not failing:
        failing = failures_of_a_burst(work, plan_of(work.release).share)
    if failing and seen.sight in UNDER_WAY:
        work.intend(failing=failing)
        return Verdict(Answer.FAILED, failing)
    if seen.is_partial or seen.sight is Sight.BAKING:
        tell_once(work, News.BAKING, seen.reason if seen.sight is Sight.BAKING else PARTIAL)
    return _answer(FORWARD, seen, work.release)


def _answer(answers: dict[Sight, Answer], seen: Seen, release: Release) -> Verdict | None:
    answer = answers.get(seen.sight)
    if answer is None:
        return None
    route = _watch(release, answer) if answer in (Answer.IN_SERVICE, Answer.BAKING) else {}
    return Verdict(answer, seen.reason or _reason(answer), facts=route, route=route)


def _reason(answer: Answer) -> str:
    return "the wanted config serves" if answer is Answer.IN_SERVICE else "what served before serves again"


def _watch(release: Release, answer: Answer) -> dict[str, Any]:
    """Say how long the alarms are watched: an update for its bake, and as long as the spec says if that is longer."""
    duration = release.wanted.watch.seconds
    if answer is Answer.BAKING:
        bake = plan_of(release).final_seconds
        each = rearm_seconds(bake)
        beyond = rounds(duration, each) if duration > bake else 0
        most = max(rounds(bake, each), beyond) + BAKE_SLACK_ROUNDS
        return {"baking": True, "watch_seconds": each, "watch_rounds": most, "least_rounds": beyond}
    each = rearm_seconds(duration)
    return {"baking": False, "watch_seconds": each, "watch_rounds": rounds(duration, each)}

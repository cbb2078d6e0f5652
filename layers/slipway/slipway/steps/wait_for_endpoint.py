"""Wait for InService, Wait for the Rollback: look at the endpoint, answer when it has settled or bakes."""

from typing import Any

from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_state import Seen, Sight
from slipway.rollout.guardrails import rearm_seconds, rounds
from slipway.steps.sights import backward, forward, is_cold, look
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
    if work.phase is Phase.WAIT_FOR_IN_SERVICE:
        return _answer(FORWARD, look(work, forward(release)), release)
    if is_cold(release):
        return _answer(COLD, look(work, backward(release)), release)
    return _answer(VETOED, look(work, forward(release)), release)


def _answer(answers: dict[Sight, Answer], seen: Seen, release: Release) -> Verdict | None:
    answer = answers.get(seen.sight)
    if answer is None:
        return None
    route = _watch(release, answer) if answer in (Answer.IN_SERVICE, Answer.BAKING) else {}
    return Verdict(answer, seen.reason or _reason(answer), facts=route, route=route)


def _reason(answer: Answer) -> str:
    return "the wanted config serves" if answer is Answer.IN_SERVICE else "what served before serves again"


def _watch(release: Release, answer: Answer) -> dict[str, Any]:
    """Say how long the alarms are watched: an update for the rest of its bake, else as the spec says."""
    if answer is Answer.BAKING:
        bake = release.wanted.rollout.bake_seconds
        each = rearm_seconds(bake)
        return {"baking": True, "watch_seconds": each, "watch_rounds": rounds(bake, each) + BAKE_SLACK_ROUNDS}
    duration = release.wanted.watch.seconds
    each = rearm_seconds(duration)
    return {"baking": False, "watch_seconds": each, "watch_rounds": rounds(duration, each)}

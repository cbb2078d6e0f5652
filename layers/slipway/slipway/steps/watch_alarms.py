"""Watch the Alarms: they must stay quiet for the whole bake or watch, and must have had something to judge."""

from dataclasses import replace

from slipway.record.news import News
from slipway.release.phases import Phase
from slipway.release.release import Release, waits_at
from slipway.release.verdicts import Answer, Finding, Verdict
from slipway.rollout.endpoint_state import Seen, Sight
from slipway.steps.fleets import fleets_of
from slipway.steps.gates import timing
from slipway.steps.sights import forward, glance, glance_when_due
from slipway.steps.telling import tell_once
from slipway.steps.watching import against, judged_since, probe
from slipway.steps.work import Work

EARLY = "it is watched; a no while the old fleet still runs brings it back at once, later it is a cold rollback"


def watch_alarms(work: Work) -> Verdict | None:
    """Answer QUIET, NEEDS_APPROVAL, RINGING, ROLLED_BACK or NO_DATA; None while the watch goes on.

    Every round looks at the alarms; at the endpoint only when it changed, when the watch ends, or to say what is left
    to go back to. An endpoint that cannot be seen is watched on, alarms that cannot be read are not: those fail closed.
    """
    work.arm()
    facts = work.release.phases[Phase.WAIT_FOR_IN_SERVICE].facts
    seen = glance_when_due(work, facts.get("pause", 1), (facts.get("end", 0),))
    wrong = against(work, seen)
    if wrong is not None:
        return wrong if seen is not None else against(work, glance(work, forward(work.release))) or wrong
    if seen is None or not _is_over(work, seen):
        probe(work)
        if waits_at(work.release):
            tell_once(work, News.AWAITS_APPROVAL, EARLY)
        return None
    return _judge_data(work)


def _is_over(work: Work, seen: Seen) -> bool:
    """Whether the machine has waited long enough: an update until SageMaker ends its bake, else all rounds."""
    facts = work.release.phases[Phase.WAIT_FOR_IN_SERVICE].facts
    if facts["baking"]:
        return seen.sight is Sight.IN_SERVICE and work.request.round >= facts.get("least_rounds", 0)
    return work.request.round >= facts["watch_rounds"] and seen.sight is Sight.IN_SERVICE


def _judge_data(work: Work) -> Verdict:
    """Judge whether quiet means good; where it does not, the spec's policy says what follows."""
    release = work.release
    counted = _requests(work, release)
    requests, silent = sum(counted.values()), [name for name, count in counted.items() if not count]
    if not silent:
        quiet = Verdict(Answer.QUIET, f"quiet over {requests} requests", facts={"requests": requests})
        return _held(release, quiet) if release.wanted.approval.before == "promotion" else quiet
    of_whom = f" of {' and '.join(silent)}" if len(counted) > 1 else ""
    finding = Finding(
        "NO_DATA",
        f"No request{of_whom} was seen during the watch, so quiet alarms prove nothing.",
        "Add smoke cases to the spec, or set watch.no_data to hold or fail.",
        "watch",
    )
    policy = release.wanted.watch.no_data if _was_watched(release) else "release"
    answer = Answer.NO_DATA if policy == "fail" else Answer.QUIET
    verdict = Verdict(answer, finding.message, (finding,), {"requests": requests})
    is_held = policy == "hold" or (policy == "release" and release.wanted.approval.before == "promotion")
    return _held(release, verdict) if is_held else verdict


def _held(release: Release, quiet: Verdict) -> Verdict:
    """Leave it to a human, unless one has said yes already; by now the old fleet is gone."""
    decision = release.decisions.get(Phase.WAIT_FOR_FINAL_APPROVAL)
    if decision is not None and decision.approves:
        return replace(quiet, answer=Answer.QUIET, reason=f"{quiet.reason}; {decision}")
    route = {"baking": False, **timing(release.wanted.approval)}
    return replace(quiet, answer=Answer.NEEDS_APPROVAL, route=route)


def _was_watched(release: Release) -> bool:
    facts = release.phases[Phase.WAIT_FOR_IN_SERVICE].facts
    return bool(facts["baking"] or facts["watch_rounds"])


def _requests(work: Work, release: Release) -> dict[str, int]:
    """Count the requests of each variant: none hides behind another."""
    count, since = work.tools.alarms.count, judged_since(release)
    fleets = fleets_of(release)
    return {each.variant: count("AWS/SageMaker", "Invocations", each.dimensions, since) for each in fleets}

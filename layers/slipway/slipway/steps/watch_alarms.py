"""Watch the Alarms: they must stay quiet for the whole bake or watch, and must have had something to judge."""

from slipway.judging.alarm_states import ringing
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Finding, Verdict
from slipway.rollout.endpoint_state import Seen, Sight
from slipway.steps.fleets import fleet_of
from slipway.steps.invoking import cases_of, send_once
from slipway.steps.sights import forward, glance
from slipway.steps.work import Work

PROBES_EACH_LOOK = 10
"""Requests of a probe burst, so that 'no data' cannot pass for 'healthy'."""

COLD = "the old fleet was gone by then, so only a cold rollback was left"

AGAINST = {
    Sight.RETURNED: Answer.ROLLED_BACK,
    Sight.FOREIGN: Answer.FOREIGN,
    Sight.FAILED: Answer.FAILED,
    Sight.STUCK: Answer.STUCK,
}


def watch_alarms(work: Work) -> Verdict | None:
    """Answer QUIET, RINGING, ROLLED_BACK or NO_DATA; None while the watch goes on.

    An endpoint that cannot be seen is watched on, alarms that cannot be read are not: those fail closed.
    """
    work.arm()
    release = work.release
    seen = glance(work, forward(release))
    if seen is not None and seen.sight in AGAINST:
        return Verdict(AGAINST[seen.sight], _with_alarms(work, seen))
    reasons = [f"aborted by {release.aborted_by}"] if release.aborted_by else _ringing(work)
    if reasons:
        return _ringing_verdict(seen, reasons)
    if seen is None or not _is_over(work, seen):
        _probe(work)
        return None
    return _judge_data(work)


def _ringing(work: Work) -> list[str]:
    names = work.release.fact(Phase.CREATE_CONFIG, "alarms")
    states = {name: facts.state for name, facts in work.tools.alarms.describe(names).items()}
    return ringing(names, states, work.tools.alarms.rang(names, work.since()))


def _ringing_verdict(seen: Seen | None, reasons: list[str]) -> Verdict:
    """Say what rings, and whether the old fleet is gone: what the spec watches beyond the bake has no way but cold."""
    if seen is not None and seen.sight is Sight.IN_SERVICE:
        return Verdict(Answer.RINGING, "; ".join([*reasons, COLD]), route={"baking": False})
    return Verdict(Answer.RINGING, "; ".join(reasons))


def _with_alarms(work: Work, seen: Seen) -> str:
    return "; ".join([seen.reason, *_ringing(work)])


def _is_over(work: Work, seen: Seen) -> bool:
    """Whether the machine has waited long enough: an update until SageMaker ends its bake, else all rounds."""
    facts = work.release.phases[Phase.WAIT_FOR_IN_SERVICE].facts
    if facts["baking"]:
        return seen.sight is Sight.IN_SERVICE and work.request.round >= facts.get("least_rounds", 0)
    return work.request.round >= facts["watch_rounds"] and seen.sight is Sight.IN_SERVICE


def _probe(work: Work) -> None:
    """Send the smoke cases again, judged by the alarms and not here: they feed them."""
    cases = cases_of(work.release)
    for index in range(PROBES_EACH_LOOK if cases else 0):
        send_once(work, cases[index % len(cases)])


def _judge_data(work: Work) -> Verdict:
    release = work.release
    requests = _requests(work, release)
    if requests:
        return Verdict(Answer.QUIET, f"quiet over {requests} requests", facts={"requests": requests})
    finding = Finding(
        "NO_DATA",
        "No request was seen during the watch, so quiet alarms prove nothing.",
        "Add smoke cases to the spec, or set watch.no_data to fail.",
        "watch",
    )
    is_enough = release.wanted.watch.no_data == "release" or not _was_watched(release)
    return Verdict(Answer.QUIET if is_enough else Answer.NO_DATA, finding.message, (finding,), {"requests": 0})


def _was_watched(release: Release) -> bool:
    facts = release.phases[Phase.WAIT_FOR_IN_SERVICE].facts
    return bool(facts["baking"] or facts["watch_rounds"])


def _requests(work: Work, release: Release) -> int:
    return work.tools.alarms.count("AWS/SageMaker", "Invocations", fleet_of(release).dimensions, work.since())

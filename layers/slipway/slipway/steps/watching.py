"""What speaks against a new fleet that has all traffic: an endpoint that is no longer ours, alarms that rang."""

from datetime import datetime

from slipway.judging.alarm_states import ringing
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Verdict
from slipway.rollout.endpoint_state import Seen, Sight
from slipway.steps.fleets import is_guarded, is_update, names_of
from slipway.steps.invoking import cases_in_turn, send_once
from slipway.steps.work import Work

PROBES_EACH_LOOK = 10
"""Requests of a probe burst to each variant, so that 'no data' cannot pass for 'healthy'."""

COLD = "the old fleet was gone by then, so only a cold rollback was left"

AGAINST = {
    Sight.RETURNED: Answer.ROLLED_BACK,
    Sight.FOREIGN: Answer.FOREIGN,
    Sight.FAILED: Answer.FAILED,
    Sight.STUCK: Answer.STUCK,
}


def against(work: Work, seen: Seen | None) -> Verdict | None:
    """Answer what speaks against the release, RINGING for its alarms or an abort; None when nothing does.

    Args:
        work: of a fleet that has all traffic.
        seen: how its endpoint looks; None when it cannot be seen for now, which says nothing.
    """
    if seen is not None and seen.sight in AGAINST:
        return Verdict(AGAINST[seen.sight], "; ".join([*_ringing(work), seen.reason]))
    reasons = _said(work.release) or _ringing(work)
    return _rings(seen, reasons) if reasons else None


def _said(release: Release) -> list[str]:
    """Give what people said against it: an abort, or a no while it is still watched."""
    if release.aborted_by:
        return [f"aborted by {release.aborted_by}"]
    decision = release.decisions.get(Phase.WAIT_FOR_FINAL_APPROVAL)
    is_early = decision is not None and Phase.WAIT_FOR_FINAL_APPROVAL not in release.phases
    return [f"it was {decision}"] if decision is not None and is_early and not decision.approves else []


def judged_since(release: Release) -> datetime:
    """Say since when alarms and requests count: since the release began to change its endpoint.

    A serverless model has no metrics apart from those of the one that it replaces: there they count from the moment
    in which it was seen to serve.
    """
    record = release.phases.get(Phase.CREATE_ENDPOINT)
    began = record.started_at if record else release.requested_at
    served = release.phases.get(Phase.WAIT_FOR_IN_SERVICE)
    if is_update(release) and not is_guarded(release) and served is not None and served.ended_at:
        began = served.ended_at
    return datetime.fromisoformat(began)


def probe(work: Work) -> None:
    """Send the smoke cases again, judged by the alarms and not here: they feed them."""
    for case in cases_in_turn(work.release, PROBES_EACH_LOOK * len(names_of(work.release))):
        send_once(work, case)


def _ringing(work: Work) -> list[str]:
    names = work.release.fact(Phase.CREATE_CONFIG, "alarms")
    states = {name: facts.state for name, facts in work.tools.alarms.describe(names).items()}
    return ringing(names, states, work.tools.alarms.rang(names, judged_since(work.release)))


def _rings(seen: Seen | None, reasons: list[str]) -> Verdict:
    """Say what rings, and whether the old fleet is gone: what the spec watches beyond the bake has no way but cold."""
    if seen is not None and seen.sight is Sight.IN_SERVICE:
        return Verdict(Answer.RINGING, "; ".join([*reasons, COLD]), route={"baking": False})
    return Verdict(Answer.RINGING, "; ".join(reasons))

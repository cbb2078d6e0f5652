"""An endpoint that something else changes takes no update: it is waited for with the turn in hand, and not for ever.

Application Auto Scaling, a change of weights, SageMaker's maintenance or a creation sets an endpoint in motion for
minutes. The step that finds it so sends the release back to Wait for a Turn, whose events and rounds let it look again.
"""

from typing import Any

from slipway.errors import UnavailableError
from slipway.release.phases import Phase
from slipway.release.release import Kind, Release, Turn
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.endpoint_state import PENDING
from slipway.steps.work import Work

MOVING = PENDING | {"Deleting"}
"""Statuses in which an endpoint takes no update and that end by themselves."""

PATIENCE = {Kind.RELEASE: 12, Kind.ROLLBACK: 24}
"""Rounds of five minutes: an hour, and two for the way back."""


def busy(work: Work, status: str) -> Verdict:
    """Answer BUSY: the endpoint is to be waited for, by this execution."""
    return Verdict(
        Answer.BUSY, f"the endpoint is {status} and is waited for", facts={"execution": work.request.execution}
    )


def is_sent_back(release: Release, execution: str) -> bool:
    """Whether this execution found the endpoint busy and waits for it; a recovery has looked at nothing yet."""
    found_by = Phase.ROLL_BACK_RELEASE if release.kind is Kind.ROLLBACK else Phase.VERIFY_CONFIG
    return release.answer(found_by) is Answer.BUSY and release.fact(found_by, "execution") == execution


def await_calm(work: Work, turn: Turn, facts: dict[str, Any]) -> Verdict | None:
    """Answer OURS with these facts once the endpoint stands still, SUPERSEDED for who came meanwhile, REFUSED when
    that takes too long; None while it is waited for."""
    release = work.release
    if turn.next and release.kind is Kind.RELEASE:
        newer = turn.next["release"]
        return Verdict(Answer.SUPERSEDED, f"release {newer} came while this one waited for its endpoint")
    status = _status(work)
    if status not in (None, *MOVING):
        return Verdict(Answer.OURS, facts=facts)
    if work.request.round < PATIENCE[release.kind]:
        return None
    hours = PATIENCE[release.kind] // 12
    message = f"The endpoint was waited for as long as {hours} h, and is {status or 'not to be seen'}."
    return refused(_finding(release, message))


def _status(work: Work) -> str | None:
    """Look at the endpoint; empty when there is none, None when SageMaker gives no answer for now."""
    try:
        described = work.tools.hosting.describe_endpoint(work.release.endpoint)
    except UnavailableError:
        return None
    return described["EndpointStatus"] if described else ""


def _finding(release: Release, message: str) -> Finding:
    again = "ask for the rollback again" if release.kind is Kind.ROLLBACK else "drop again"
    step = f"Wait until it is InService, then {again}."
    return Finding("ENDPOINT_BUSY", message, step, f"endpoint {release.endpoint}")

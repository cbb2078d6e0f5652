"""Create the Endpoint: create it, update it under guardrails, or once remove a Failed one of ours and come back."""

from slipway.errors import LedgerConflictError
from slipway.exchanges import Creation, Made
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.endpoint_config import endpoint_request, update_request
from slipway.rollout.endpoint_state import PENDING
from slipway.rollout.guardrails import deployment_config, rearm_seconds, rounds
from slipway.steps.work import Work

REMOVAL_SECONDS = 1800


def create_endpoint(work: Work) -> Verdict:
    """Answer STARTED or REMOVING with how long to wait for it, or REFUSED."""
    release = work.release
    if release.answer(Phase.CREATE_CONFIG) is Answer.REFUSED:
        return refused(*release.phases[Phase.CREATE_CONFIG].findings)
    _hold_the_fence(work)
    mode = release.fact(Phase.VERIFY_CONFIG, "mode")
    if mode == "replace" and release.answer(Phase.WAIT_FOR_IN_SERVICE) is not Answer.GONE:
        return _remove(work)
    config = release.fact(Phase.CREATE_CONFIG, "config")
    work.intend(action="update" if mode == "update" else "create")
    creation = _update(work, config) if mode == "update" else _create(work, config)
    return _judge(work, config, creation)


def _hold_the_fence(work: Work) -> None:
    """Write the turn back unchanged: it fails if the turn has passed to somebody else meanwhile."""
    ledger, release = work.tools.ledger, work.release
    turn = ledger.turn(release.endpoint)
    fence = release.fact(Phase.WAIT_FOR_TURN, "fence")
    if turn is None or turn.holder != release.id or turn.fence != fence or not ledger.change_turn(turn, turn):
        raise LedgerConflictError(f"the turn of {release.endpoint} is no longer with {release.id}")


def _remove(work: Work) -> Verdict:
    work.intend(action="remove")
    creation = work.tools.hosting.delete_endpoint(work.release.endpoint)
    if creation.made is Made.REFUSED:
        return refused(_finding(work, creation))
    return Verdict(
        Answer.REMOVING, "the Failed endpoint of an earlier release is removed first", route=_waits(REMOVAL_SECONDS)
    )


def _create(work: Work, config: str) -> Creation:
    return work.tools.hosting.create_endpoint(endpoint_request(work.release, config))


def _update(work: Work, config: str) -> Creation:
    release = work.release
    deployment = deployment_config(release.wanted.rollout, release.fact(Phase.CREATE_CONFIG, "alarms"))
    return work.tools.hosting.update_endpoint(update_request(release.endpoint, config, deployment))


def _judge(work: Work, config: str, creation: Creation) -> Verdict:
    """Look after the call: a refusal may hide a call of ours whose answer was lost, a success a foreign writer."""
    described = work.tools.hosting.describe_endpoint(work.release.endpoint)
    coming = (described or {}).get("PendingDeploymentSummary", {}).get("EndpointConfigName")
    ours = described is not None and config in (coming, described.get("EndpointConfigName"))
    if creation.made is not Made.CREATED and not ours:
        return refused(_finding(work, creation))
    moving = ours or (described is not None and described["EndpointStatus"] in PENDING)
    rollout = work.release.wanted.rollout
    if work.release.fact(Phase.VERIFY_CONFIG, "mode") == "update":
        route = _waits(rollout.timeout_seconds, rearm_seconds(rollout.bake_seconds))
    else:
        route = _waits(work.tools.settings.endpoint_deadline_seconds)
    return Verdict(Answer.STARTED, f"config {config}", facts={"seen_moving": moving}, route=route)


def _waits(duration: int, each: int = 300) -> dict[str, int]:
    return {"wait_seconds": each, "rounds": rounds(duration, each)}


def _finding(work: Work, creation: Creation) -> Finding:
    message = creation.message or "An endpoint of this name was created by somebody else meanwhile."
    return Finding(
        creation.code or "ENDPOINT_EXISTS",
        message,
        "See the message, then drop again.",
        f"endpoint {work.release.endpoint}",
    )

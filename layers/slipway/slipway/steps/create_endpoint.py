"""Create the Endpoint: create it, update it under guardrails, or once remove a Failed one of ours and come back."""

from slipway.exchanges import Creation, Item, Made
from slipway.record.news import News
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.endpoint_config import endpoint_request, update_request
from slipway.rollout.endpoint_state import PENDING
from slipway.rollout.guardrails import deployment_config, rearm_seconds, rounds
from slipway.steps.aborting import aborted
from slipway.steps.fencing import hold_the_fence
from slipway.steps.fleets import is_guarded, plan_of
from slipway.steps.telling import tell
from slipway.steps.work import Work

REMOVAL_SECONDS = 1800
LOOKS = 4
PAUSE_SECONDS = 2.0


def create_endpoint(work: Work) -> Verdict:
    """Answer STARTED or REMOVING with how long to wait for it, or REFUSED."""
    release = work.release
    if release.answer(Phase.CREATE_CONFIG) is Answer.REFUSED:
        return refused(*release.phases[Phase.CREATE_CONFIG].findings)
    if release.aborted_by:
        return refused(aborted(release))
    hold_the_fence(work)
    mode = release.fact(Phase.VERIFY_CONFIG, "mode")
    if mode == "replace" and release.answer(Phase.WAIT_FOR_IN_SERVICE) is not Answer.GONE:
        return _remove(work)
    config = release.fact(Phase.CREATE_CONFIG, "config")
    work.intend(action="update" if mode == "update" else "create")
    creation = _update(work, config) if mode == "update" else _create(work, config)
    verdict = _judge(work, config, creation)
    if verdict.answer is Answer.STARTED:
        tell(work, News.STARTED, f"the endpoint is {mode}d with {verdict.reason}")
    return verdict


def _remove(work: Work) -> Verdict:
    work.intend(action="remove")
    creation = work.tools.hosting.delete_endpoint(work.release.endpoint)
    if creation.made is Made.REFUSED:
        return refused(_finding(work, creation))
    waits = _waits(REMOVAL_SECONDS)
    reason = "the Failed endpoint of an earlier release is removed first"
    return Verdict(Answer.REMOVING, reason, facts=waits, route=waits)


def _create(work: Work, config: str) -> Creation:
    return work.tools.hosting.create_endpoint(endpoint_request(work.release, config))


def _update(work: Work, config: str) -> Creation:
    release = work.release
    alarms = release.fact(Phase.CREATE_CONFIG, "alarms")
    deployment = deployment_config(plan_of(release), alarms) if is_guarded(release) else None
    request = update_request(release.endpoint, config, deployment, _anew(release))
    return work.tools.hosting.update_endpoint(request)


def _anew(release: Release) -> list[str] | None:
    """Say what of the variants is not kept as it is: a count that the spec changed, and weights where they count."""
    if release.wanted.serve.serverless:
        return None
    resized = ["DesiredInstanceCount"] if release.fact(Phase.VERIFY_CONFIG, "resized", False) else []
    return [*resized, *(["DesiredWeight"] if release.wanted.variants else [])]


def _judge(work: Work, config: str, creation: Creation) -> Verdict:
    """Look after a call that was refused: it may be one of ours whose answer was lost.

    A call that SageMaker took needs no look here: the wait looks at once, and knows a foreign writer.
    """
    started = f"config {config}"
    if creation.made is Made.CREATED:
        return _started(work, started, moving=False)
    described = _look(work, creation)
    if described is None and (twin := _twin(work, creation)):
        return refused(twin)
    coming = (described or {}).get("PendingDeploymentSummary", {}).get("EndpointConfigName")
    ours = described is not None and config in (coming, described.get("EndpointConfigName"))
    if not ours and not _is_unseen(creation, described):
        return refused(_finding(work, creation))
    moving = ours or (described is not None and described["EndpointStatus"] in PENDING)
    return _started(work, started, moving=moving)


def _twin(work: Work, creation: Creation) -> Finding | None:
    """Find what has the name already and is not shown under it: names are unique without case (API_CreateEndpoint)."""
    endpoint = work.release.endpoint
    names = work.tools.hosting.endpoint_names() if creation.made is Made.EXISTS else []
    twins = [name for name in names if name.lower() == endpoint.lower() and name != endpoint]
    if not twins:
        return None
    message = f"The endpoint {twins[0]} exists, and SageMaker tells no names apart by their case."
    return Finding(
        "ENDPOINT_OTHER_CASE", message, f"Drop it to {twins[0]}, or use another name.", f"endpoint {endpoint}"
    )


def _started(work: Work, reason: str, *, moving: bool) -> Verdict:
    waits = _how_long(work)
    return Verdict(Answer.STARTED, reason, facts={"seen_moving": moving, **waits}, route=waits)


def _how_long(work: Work) -> dict[str, int]:
    """Say how long to wait; an update that nobody tells of is looked at before its shortest bake could be missed."""
    if not is_guarded(work.release):
        return _waits(work.tools.settings.endpoint_deadline_seconds)
    plan = plan_of(work.release)
    bake = plan.shortest_bake[1]
    each = rearm_seconds(bake)
    return _waits(plan.timeout_seconds, each, max(1, rounds(bake, each) - 1))


def _look(work: Work, creation: Creation) -> Item | None:
    """Look at the endpoint; where the call was refused since something is under way, until it can be seen what."""
    for _ in range(LOOKS):
        described = work.tools.hosting.describe_endpoint(work.release.endpoint)
        if not _is_unseen(creation, described):
            break
        work.tools.clock.sleep(PAUSE_SECONDS)
    return described


def _is_unseen(creation: Creation, described: Item | None) -> bool:
    """Whether SageMaker refuses because of something that it does not show yet: it may be a call of ours."""
    if creation.made is Made.EXISTS:
        return described is None
    is_still = described is not None and described["EndpointStatus"] not in PENDING
    return "in-progress" in creation.message and is_still


def _waits(duration: int, each: int = 300, pause: int = 2) -> dict[str, int]:
    return {"wait_seconds": each, "rounds": rounds(duration, each), "pause": pause}


def _finding(work: Work, creation: Creation) -> Finding:
    message = creation.message or "An endpoint of this name was created by somebody else meanwhile."
    return Finding(
        creation.code or "ENDPOINT_EXISTS",
        message,
        "See the message, then drop again.",
        f"endpoint {work.release.endpoint}",
    )

"""Create the Config: the release's alarms first, then the config; what is there already is held to what is wanted.

The service reads a new config eventually consistently (API_CreateEndpoint): the call that names it waits for that."""

from collections.abc import Sequence

from slipway.exchanges import Item, Made
from slipway.judging.alarms import Fleet, own_alarms
from slipway.judging.captured import FOLDER
from slipway.release.naming import VETO_METRIC, VETO_NAMESPACE
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.spec import Watch
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.carrying import keep
from slipway.rollout.endpoint_config import config_request, same_config, with_capture
from slipway.rollout.refusals import refusal
from slipway.steps.comparing import watch_against_live
from slipway.steps.fleets import served_by
from slipway.steps.regressing import record_live
from slipway.steps.work import Work

VISIBLE_TRIES = 30
VISIBLE_PAUSE_SECONDS = 2.0
"""A config that exists may not be shown yet; a minute is allowed for it."""


def create_config(work: Work) -> Verdict:
    """Answer CREATED with the config's name and its alarms, or REFUSED; the live model's answers are kept before."""
    release = work.release
    live = record_live(work)
    if live.is_refused:
        return refused(*live.findings)
    lost = _restore(work)
    if lost is not None:
        return refused(lost)
    request, left = _request(work, release)
    name = request["EndpointConfigName"]
    watched, said = watch_against_live(work)
    guards = own_alarms(watched)
    alarms = [guard["AlarmName"] for guard in guards]
    work.intend(config=name, alarms=alarms)
    _put_alarms(work, name, guards)
    creation = work.tools.hosting.create_config(request)
    if creation.made is Made.REFUSED:
        return refused(refusal(creation.code, creation.message, f"config {name}"))
    if creation.made is Made.EXISTS and (finding := _other_than(work, request)):
        return refused(finding)
    facts = {"config": name, "alarms": [*alarms, *release.wanted.alarms], **_budgets(watched)}
    return Verdict(Answer.CREATED, name, (*said, *left, *live.findings), {**facts, "compares": live.kept})


def _request(work: Work, release: Release) -> tuple[Item, list[Finding]]:
    """Say what a release's config shall be, and what it leaves of the one that serves."""
    destination = f"s3://{work.tools.settings.artifact_bucket}/{FOLDER}"
    carried = with_capture(
        release.fact(Phase.VERIFY_CONFIG, "carried", {}), release.wanted.capture.percent, destination
    )
    request = config_request(release, served_by(release), carried)
    return keep(request, release.fact(Phase.VERIFY_CONFIG, "kept", {}))


def _restore(work: Work) -> Finding | None:
    """Make the config that serves anew, where somebody deleted it and this release is forced over that."""
    maker = work.release.fact(Phase.VERIFY_CONFIG, "restores")
    if not maker:
        return None
    request, _ = _request(work, work.tools.ledger.release(maker))
    creation = work.tools.hosting.create_config(request)
    where = f"config {request['EndpointConfigName']}"
    return refusal(creation.code, creation.message, where) if creation.made is Made.REFUSED else None


def _budgets(watched: Sequence[tuple[Fleet, Watch]]) -> Item:
    """Give the milliseconds that 95 of 100 answers must stay below, by variant where there are several."""
    if len(watched) == 1:
        return {"latency_p95_ms": watched[0][1].latency_p95_ms}
    return {"latency_p95_ms": {fleet.variant: watch.latency_p95_ms for fleet, watch in watched}}


def _put_alarms(work: Work, config: str, guards: list[Item]) -> None:
    """Make the alarms and let them wake this release; the veto starts from a published 0."""
    release, alarms = work.release, work.tools.alarms
    for guard in guards:
        alarms.put(guard)
    alarms.publish(VETO_NAMESPACE, VETO_METRIC, {"Config": config}, 0.0)
    for name in [*(guard["AlarmName"] for guard in guards), *release.wanted.alarms]:
        work.tools.ledger.listen(name, release.id)


def _other_than(work: Work, request: Item) -> Finding | None:
    """Hold a config that is there already, made by an earlier try or by somebody else, to what is wanted."""
    name = request["EndpointConfigName"]
    described = _await_visible(work, name)
    if described is None:
        return Finding("CONFIG_INVISIBLE", "SageMaker does not show the config.", "Drop again.", f"config {name}")
    if same_config(described, request):
        return None
    message = "A config of this name exists and is another one; it is left alone."
    return Finding("CONFIG_COLLISION", message, "Drop again.", f"config {name}")


def _await_visible(work: Work, config: str) -> Item | None:
    for _ in range(VISIBLE_TRIES):
        described = work.tools.hosting.describe_config(config)
        if described is not None:
            return described
        work.tools.clock.sleep(VISIBLE_PAUSE_SECONDS)
    return None

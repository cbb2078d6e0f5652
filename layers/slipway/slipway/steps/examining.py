"""Examine the ground: would SageMaker and the guards accept this release as things are now? AWS stays as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from slipway.judging.alarm_states import preflight_findings, watch_findings
from slipway.judging.alarms import Fleet, detection_seconds, own_alarms
from slipway.judging.latency import MOST_MS
from slipway.release.naming import config_name
from slipway.release.parts import content_digest
from slipway.release.phases import Phase
from slipway.release.release import Live, Release
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.carrying import unkept
from slipway.rollout.guardrails import (
    count_findings,
    deployment_findings,
    fleet_findings,
    needed_seconds,
    rollout_findings,
)
from slipway.rollout.plan import Plan, plan_for, sized
from slipway.rollout.variants import is_renamed, weight_notes
from slipway.steps.adopting import acknowledge, live_again
from slipway.steps.busy import busy
from slipway.steps.fleets import names_of
from slipway.steps.forcing import forced
from slipway.steps.ground import Ground, ground_findings
from slipway.steps.invoking import cases_of
from slipway.steps.kept_policy import still_frozen
from slipway.steps.missing import is_stand_in, models_gone, restoring
from slipway.steps.work import Work


def examine(work: Work, ground: Ground) -> Verdict:
    """Answer ACCEPTABLE with what was found at the endpoint, UNCHANGED, BUSY, or REFUSED with every finding."""
    release = work.release
    known = live_again(work, ground) if ground.is_put_back else ground.live
    if known is not None and _is_unchanged(release, ground, known):
        said = acknowledge(work, ground, known)
        return Verdict(Answer.UNCHANGED, f"release {known.release} serves exactly this already", said)
    facts = ground.facts(release.wanted)
    findings = [*still_frozen(release, work.tools.clock.now()), *ground_findings(work, ground)]
    findings += alarm_findings(work) if ground.is_moving else _guard_findings(work, ground, facts)
    findings += _lost(release, ground)
    if findings:
        return refused(*findings)
    if ground.is_moving:
        return busy(work, ground.status)
    facts |= (restoring(work, ground.made_by) or {}) if is_stand_in(ground.serving) else {}
    said = acknowledge(work, ground, known) if known is not None else ()
    said = (*said, *forced(work, ground), *_gone(work, ground), *_unguarded(release, ground))
    said = (*said, *weight_notes(ground.variants, release.wanted))
    return Verdict(Answer.ACCEPTABLE, f"the endpoint will be {ground.mode}d", said, facts)


def alarm_findings(work: Work) -> list[Finding]:
    """Tell which of the user's alarms are missing or ring already."""
    names = work.release.wanted.alarms
    described = work.tools.alarms.describe(names) if names else {}
    return preflight_findings(names, {name: facts.state for name, facts in described.items()})


def _lost(release: Release, ground: Ground) -> Iterator[Finding]:
    """Refuse what an update would end, or could not judge: an asynchronous endpoint answers no InvokeEndpoint."""
    serving = ground.serving if ground.mode == "update" and not is_stand_in(ground.serving) else None
    if serving is None:
        return
    yield from unkept(serving)
    if serving.get("AsyncInferenceConfig") and cases_of(release):
        what = "The endpoint is asynchronous, so it answers none of the smoke cases."
        yield Finding("SMOKE_ASYNCHRONOUS", what, "Leave `smoke` out, and let alarms judge it.", "smoke")


def _gone(work: Work, ground: Ground) -> Iterator[Finding]:
    """Warn of a deleted live model where the way back may be a cold one; a bake alone goes back to the old fleet."""
    spec = work.release.wanted
    if ground.mode == "update" and (spec.serve.serverless or spec.watch.seconds > spec.rollout.bake_seconds):
        yield from models_gone(work, list(dict.fromkeys(each.model for each in ground.variants if each.model)))


def _unguarded(release: Release, ground: Ground) -> Iterator[Finding]:
    if release.wanted.serve.serverless and ground.mode == "update":
        what = (
            "SageMaker guards no update of a serverless model: it is judged while it serves, with a cold rollback only "
            "and by alarms whose first minute may still hold answers of the model before it."
        )
        step = "Give the model instances where that is not safe enough."
        yield Finding("SERVERLESS_UNGUARDED", what, step, "serve.serverless")
    elif ground.mode == "update" and is_renamed(ground.variants, release.wanted):
        now = " and ".join(each.name for each in ground.variants)
        what = f"SageMaker guards no update to other variants than {now}: it is judged while it serves."
        step = "Nothing: the spec says `rollout.unguarded`, and the way back is a cold one."
        yield Finding("VARIANTS_UNGUARDED", what, step, "rollout.unguarded")


def _is_unchanged(release: Release, ground: Ground, live: Live) -> bool:
    return (
        ground.status == "InService"
        and ground.config == live.config
        and live.digest == content_digest(release)
        and live.spec_hash == release.fact(Phase.READ_RELEASE, "spec_hash")
        and not any(weight_notes(ground.variants, release.wanted))
    )


def _guard_findings(work: Work, ground: Ground, facts: dict[str, Any]) -> list[Finding]:
    """Hold the alarms to the bake of an update, or to the watch of a first release, which SageMaker does not guard."""
    spec = work.release.wanted
    described = work.tools.alarms.describe(spec.alarms) if spec.alarms else {}
    findings = preflight_findings(spec.alarms, {name: facts.state for name, facts in described.items()})
    detection = {name: facts.period * facts.evaluation_periods for name, facts in described.items()}
    detection |= _own_detection(work, ground)
    if ground.mode != "update" or spec.serve.serverless or facts.get("renamed"):
        counted = count_findings(detection) if spec.variants else ()  # the next update will have to be guarded
        return [*findings, *watch_findings(spec.watch, *needed_seconds(detection)), *counted]
    if not spec.variants:
        plan = Plan(spec.rollout, facts["instances"])
        return [*findings, *rollout_findings(plan, spec.serve.instance_type, detection)]
    return [*findings, *_variant_findings(spec, facts["counts"], detection)]


def _variant_findings(spec: ReleaseSpec, counts: Mapping[str, int], detection: Mapping[str, int]) -> list[Finding]:
    """Hold the fleet of each variant to the rollout that they share; what is wrong with all of them is said once."""
    found = list[Finding]()
    rollout = sized(spec.rollout, tuple(counts.values()))
    for index, variant in enumerate(spec.variants):
        plan = Plan(rollout, counts[variant.name], f" of the variant {variant.name}")
        found += fleet_findings(plan, variant.serve.instance_type, f"variants[{index}].serve")
    return [*found, *deployment_findings(plan_for(rollout, tuple(counts.values())), detection)]


def _own_detection(work: Work, ground: Ground) -> dict[str, int]:
    release = work.release
    config, names = config_name(release.endpoint, release.id), names_of(release)
    watch = release.wanted.watch
    if watch.latency_factor is not None and ground.mode == "update":  # its alarm may be made: the budget comes later
        watch = replace(watch, latency_p95_ms=watch.latency_p95_ms or MOST_MS)
    fleets = [Fleet(release.endpoint, config, ground.mode == "update", name, len(names) > 1) for name in names]
    alarms = own_alarms([(fleet, watch) for fleet in fleets])
    return {request["AlarmName"]: detection_seconds(request) for request in alarms}

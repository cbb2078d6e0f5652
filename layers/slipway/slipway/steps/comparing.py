"""What a release may take compared with the live one, asked just before its alarms are made."""

from dataclasses import replace
from datetime import datetime, timedelta

from slipway.judging.latency import LOOK_BACK_SECONDS, PERCENTILE, budget_ms, uncompared
from slipway.release.spec import Watch
from slipway.release.verdicts import Finding
from slipway.steps.fleets import is_update, variant_of
from slipway.steps.work import Work


def watch_against_live(work: Work) -> tuple[Watch, tuple[Finding, ...]]:
    """Give the watch with its budget of latency: the stricter one of the spec's own and of the live fleet's.

    Returns:
        The watch, and a finding where the spec asks for a comparison that nothing could be compared for.
    """
    release, watch = work.release, work.release.wanted.watch
    live = work.tools.ledger.live(release.endpoint)
    if watch.latency_factor is None or not is_update(release) or live is None:
        return watch, ()
    alarms = work.tools.alarms
    since = max(datetime.fromisoformat(live.at), work.tools.clock.now() - timedelta(seconds=LOOK_BACK_SECONDS))
    fleet = {"EndpointName": release.endpoint, "VariantName": variant_of(release)}
    requests = alarms.count("AWS/SageMaker", "Invocations", fleet, since)
    hours = alarms.hourly("AWS/SageMaker", "ModelLatency", fleet, since, PERCENTILE)
    budget = budget_ms(hours, requests, watch.latency_factor)
    if budget is None:
        return watch, (uncompared(requests),)
    return replace(watch, latency_p95_ms=min(budget, watch.latency_p95_ms or budget)), ()

"""What a release may take compared with the live one, asked just before its alarms are made."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from slipway.judging.alarms import Fleet
from slipway.judging.latency import LOOK_BACK_SECONDS, PERCENTILE, budget_ms, uncompared
from slipway.release.release import Live
from slipway.release.spec import Watch
from slipway.release.verdicts import Finding
from slipway.steps.fleets import fleets_of, is_update
from slipway.steps.work import Work


def watch_against_live(work: Work) -> tuple[Sequence[tuple[Fleet, Watch]], tuple[Finding, ...]]:
    """Give each new fleet with its watch: the stricter budget of latency of the spec's own and of the live fleet's.

    Returns:
        The fleets with their watches, and a finding for each that nothing could be compared with.
    """
    release, watch = work.release, work.release.wanted.watch
    live = work.tools.ledger.live(release.endpoint)
    fleets = fleets_of(release)
    if watch.latency_factor is None or not is_update(release) or live is None:
        return [(fleet, watch) for fleet in fleets], ()
    asked = [(fleet, _against(work, fleet, live, watch.latency_factor)) for fleet in fleets]
    told = tuple(found for _, found in asked if isinstance(found, Finding))
    return [(fleet, watch if isinstance(found, Finding) else found) for fleet, found in asked], told


def _against(work: Work, new: Fleet, live: Live, factor: float) -> Watch | Finding:
    """Ask what the live variant of the same name took lately."""
    alarms, watch = work.tools.alarms, work.release.wanted.watch
    since = max(datetime.fromisoformat(live.at), work.tools.clock.now() - timedelta(seconds=LOOK_BACK_SECONDS))
    before = {"EndpointName": new.endpoint, "VariantName": new.variant}
    requests = alarms.count("AWS/SageMaker", "Invocations", before, since)
    hours = alarms.hourly("AWS/SageMaker", "ModelLatency", before, since, PERCENTILE)
    budget = budget_ms(hours, requests, factor)
    if budget is None:
        return uncompared(requests, new.whose)
    return replace(watch, latency_p95_ms=min(budget, watch.latency_p95_ms or budget))

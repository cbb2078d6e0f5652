"""How the steps send smoke cases to an endpoint."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle

from slipway.exchanges import Invocation
from slipway.judging.runtime_errors import OUT_OF_TIME, pause_before, treatment
from slipway.judging.smoke import body_of
from slipway.judging.smoke_answers import Answered
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.smoke_spec import SmokeCase, case_from
from slipway.steps.work import Work


def cases_of(release: Release) -> tuple[SmokeCase, ...]:
    """Give the smoke cases of a release: the spec's own, else those that its archive brought."""
    brought = release.fact(Phase.VERIFY_ARTIFACT, "smoke", [])
    return release.wanted.smoke or tuple(case_from(case) for case in brought)


def cases_by_variant(release: Release) -> tuple[SmokeCase, ...]:
    """Give the smoke cases as they are sent: of several variants each gets every case that does not name another."""
    cases = cases_of(release)
    if not release.wanted.variants:
        return cases
    names = [variant.name for variant in release.wanted.variants]
    return tuple(meant_for(case, name) for case in cases for name in names if case.target_variant in ("", name))


def cases_in_turn(release: Release, count: int) -> Iterator[SmokeCase]:
    """Choose the cases of a burst: in turn, and of several variants each gets as many requests as another.

    Args:
        release: without any smoke case, none is chosen.
        count: requests of the burst.
    """
    groups: dict[str, list[SmokeCase]] = {}
    for case in cases_by_variant(release):
        groups.setdefault(case.target_variant if release.wanted.variants else "", []).append(case)
    rings = [cycle(cases) for cases in groups.values()]
    return (next(rings[index % len(rings)]) for index in range(count if rings else 0))


def meant_for(case: SmokeCase, variant: str) -> SmokeCase:
    """Send a case to one of several variants, and say so in its name."""
    return replace(case, name=f"{case.name} on {variant}", target_variant=variant)


def send_all(work: Work, case: SmokeCase, requests: int, until: datetime) -> list[Answered]:
    """Warm up, then send a case so often, and so many at once as it says.

    Args:
        work: with the endpoint.
        case: the request.
        requests: how often it is sent.
        until: what is not sent by then is not sent any more.
    """
    for _ in range(case.warm_up):
        send(work, case, until)
    if case.concurrency == 1:
        return [send(work, case, until) for _ in range(requests)]
    with ThreadPoolExecutor(case.concurrency) as pool:
        return list(pool.map(lambda _: send(work, case, until), range(requests)))


def send(work: Work, case: SmokeCase, until: datetime) -> Answered:
    """Send one case; an error of the service is asked again as `runtime_errors` says, one of the model never."""
    clock = work.tools.clock
    began = clock.now()
    if began >= until:
        return Answered(0, error=OUT_OF_TIME, message="the time for all smoke cases is over")
    answered, attempt = send_once(work, case), 0
    while _is_asked_again(answered, attempt, clock.now() - began) and clock.now() < until:
        clock.sleep(pause_before(attempt))
        answered, attempt = send_once(work, case), attempt + 1
    return answered


def _is_asked_again(answered: Answered, attempt: int, waited: timedelta) -> bool:
    treated = treatment(answered.error, answered.message)
    return attempt < treated.again and waited.total_seconds() < treated.within_seconds


def send_once(work: Work, case: SmokeCase) -> Answered:
    """Send one case once."""
    asked_at = work.tools.clock.now()
    reply = work.tools.hosting.invoke(invocation_of(work.release.endpoint, case, work.release.id))
    return Answered(
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        latency_ms=reply.latency_ms,
        error=reply.error,
        message=reply.message,
        request_id=reply.request_id,
        log_stream=reply.log_stream,
        custom_attributes=reply.custom_attributes,
        asked_at=asked_at,
    )


def invocation_of(endpoint: str, case: SmokeCase, release: str) -> Invocation:
    """Give the request of a case as InvokeEndpoint takes it."""
    return Invocation(
        endpoint=endpoint,
        body=body_of(case),
        content_type=case.content_type,
        accept=case.accept,
        inference_id=case.inference_id or release,
        custom_attributes=case.custom_attributes,
        target_variant=case.target_variant,
        target_model=case.target_model,
        target_container=case.target_container,
        session_id=case.session_id,
        enable_explanations=case.enable_explanations,
    )

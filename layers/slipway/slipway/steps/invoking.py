"""How the steps send smoke cases to an endpoint."""

from concurrent.futures import ThreadPoolExecutor

from slipway.exchanges import Invocation
from slipway.judging.smoke import body_of
from slipway.judging.smoke_answers import Answered, is_retryable
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.smoke_spec import SmokeCase, case_from
from slipway.steps.work import Work

PATIENCE_SECONDS = 30.0
"""How long answers that only say 'not now' are asked again, for one request."""

PAUSE_SECONDS = 1.0


def cases_of(release: Release) -> tuple[SmokeCase, ...]:
    """Give the smoke cases of a release: the spec's own, else those that its archive brought."""
    brought = release.fact(Phase.VERIFY_ARTIFACT, "smoke", [])
    return release.wanted.smoke or tuple(case_from(case) for case in brought)


def send_all(work: Work, case: SmokeCase, instances: int) -> list[Answered]:
    """Warm up, then send a case often enough to meet every instance, so many at once as it says."""
    for _ in range(case.warm_up):
        send(work, case)
    requests = [case] * (case.repeats * instances)
    if case.concurrency == 1:
        return [send(work, each) for each in requests]
    with ThreadPoolExecutor(case.concurrency) as pool:
        return list(pool.map(lambda each: send(work, each), requests))


def send(work: Work, case: SmokeCase) -> Answered:
    """Send one case; an answer of the service that says 'not now' is asked again for a while."""
    began = work.tools.clock.now()
    answered = send_once(work, case)
    while is_retryable(answered) and (work.tools.clock.now() - began).total_seconds() < PATIENCE_SECONDS:
        work.tools.clock.sleep(PAUSE_SECONDS)
        answered = send_once(work, case)
    return answered


def send_once(work: Work, case: SmokeCase) -> Answered:
    """Send one case once."""
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

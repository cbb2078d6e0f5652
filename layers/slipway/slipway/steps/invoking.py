"""How the steps send the smoke cases of a spec to an endpoint."""

from slipway.exchanges import Invocation
from slipway.judging.smoke import Answered, body_of, is_retryable
from slipway.release.smoke_spec import SmokeCase
from slipway.steps.work import Work

PATIENCE_SECONDS = 30.0
"""How long answers that only say 'not now' are asked again, for one request."""

PAUSE_SECONDS = 1.0


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
    reply = work.tools.hosting.invoke(
        Invocation(work.release.endpoint, body_of(case), case.content_type, case.accept, work.release.id)
    )
    return Answered(
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        latency_ms=reply.latency_ms,
        error=reply.error,
        message=reply.message,
        request_id=reply.request_id,
        log_stream=reply.log_stream,
    )

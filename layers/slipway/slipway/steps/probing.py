"""How the steps probe an endpoint: the smoke cases again, judged on transport only, a bounded number of them."""

from slipway.rollout.probes import TELLING, enough, failed
from slipway.steps.fleets import names_of
from slipway.steps.invoking import cases_in_turn, send_once
from slipway.steps.work import Work

PATIENCE_SECONDS = 30.0
"""How long one look sends probes at most; the next look goes on with them."""


def failures_of_a_burst(work: Work, share: float) -> str:
    """Probe while the new fleet has a part of the traffic; give what speaks against it, empty if nothing does.

    Args:
        work: with the smoke cases that are sent; without any nothing can be probed.
        share: part of the traffic that the new fleet has.
    """
    wanted = enough(share, work.release.wanted.watch.min_requests) * len(names_of(work.release))
    failures = probe(work, wanted)
    if len(failures) == 1:
        failures += probe(work, wanted)
    if len(failures) < TELLING:
        return ""
    return f"probes failed while the new fleet had {share:.0%} of the traffic: {failures[0]} ({len(failures)} times)"


def probe(work: Work, count: int) -> list[str]:
    """Send up to this many requests, the cases in turn; stop when enough failed or time is up.

    Returns:
        What went wrong, one text for each failure.
    """
    began, failures = work.tools.clock.now(), list[str]()
    for case in cases_in_turn(work.release, count):
        answered = send_once(work, case)
        if failed(answered.status, answered.error, case.expect.status):
            failures.append(f"{case.name!r} got {answered.error} {answered.status or 'without an answer'}")
        late = (work.tools.clock.now() - began).total_seconds() > PATIENCE_SECONDS
        if late or len(failures) >= TELLING:
            break
    return failures

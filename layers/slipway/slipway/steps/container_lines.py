"""What the containers wrote of failed smoke cases: read at once, and what CloudWatch did not show yet at the close.

CloudWatch shows a line some seconds after it was written. The smoke does not wait for it: meanwhile a fleet that failed
has all the traffic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from slipway.judging.smoke import CaseResult
from slipway.judging.smoke_logs import Trace, log_group, telling, traces_of, with_lines
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from slipway.steps.work import Work

UNREAD = "unread"
"""Fact of a smoke that failed: the traces of the cases of which nothing could be read yet."""


def with_lines_so_far(work: Work, judged: Verdict, results: Sequence[CaseResult]) -> Verdict:
    """Add what can be read now to a verdict, and note what is left to read."""
    traces = traces_of(results)
    lines = _lines(work, traces)
    unread = {name: trace.as_fact() for name, trace in traces.items() if not lines[name]}
    told = with_lines(judged, lines)
    return Verdict(told.answer, told.reason, told.findings, {**told.facts, UNREAD: unread}, told.route)


def read_the_rest(work: Work) -> None:
    """Read what a failed smoke could not read yet, into what its phase says."""
    smoke = work.release.phases.get(Phase.RUN_SMOKE_INVOCATIONS)
    if smoke is None or smoke.answer is not Answer.FAILED or not smoke.facts.get(UNREAD):
        return
    lines = _lines(work, {name: Trace.of_fact(fact) for name, fact in smoke.facts[UNREAD].items()})
    told = with_lines(Verdict(smoke.answer, smoke.reason, smoke.findings, smoke.facts), lines)
    facts = {**told.facts, UNREAD: {}}
    work.tools.ledger.write(work.release, replace(smoke, findings=told.findings, facts=facts))


def _lines(work: Work, traces: Mapping[str, Trace]) -> dict[str, list[str]]:
    group, logs = log_group(work.release.endpoint), work.tools.logs
    return {name: telling(logs.lines(group, each.since, each.until, each.stream)) for name, each in traces.items()}

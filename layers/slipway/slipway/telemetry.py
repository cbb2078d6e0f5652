"""Logs and metrics: one logger with the release in every line, metrics as log lines (EMF), no call and no tracer."""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from slipway.release.verdicts import Verdict

logger = Logger(service="slipway", utc=True, use_rfc3339=True)


@contextmanager
def telling(release: str, state: str, execution: str) -> Iterator[None]:
    """Tell every line of this log which release, state and execution it belongs to."""
    logger.append_keys(release=release, state=state, execution=execution)
    try:
        yield
    finally:
        logger.remove_keys(["release", "state", "execution"])


def untold(state: str, error: str) -> None:
    """Log and count that people could not be told of something; it has no other consequence."""
    logger.warning("not announced", error=error)
    with single_metric(name="not_announced", unit=MetricUnit.Count, value=1, namespace="Slipway") as metric:
        metric.add_dimension(name="state", value=state)


def tell_verdict(state: str, verdict: Verdict | None) -> None:
    """Log how a step ended and count it."""
    if verdict is None:
        logger.info(f"{state}: still waiting")
        return
    logger.info(f"{state}: {verdict.answer.value}", reason=verdict.reason, findings=[str(f) for f in verdict.findings])
    with single_metric(name=verdict.answer.value, unit=MetricUnit.Count, value=1, namespace="Slipway") as metric:
        metric.add_dimension(name="state", value=state)

"""What every handler is wrapped in: warm-up, logs, metrics, the ledger, the one who waits for the answer."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from slipway.aws.refusals import is_passing
from slipway.errors import UnavailableError
from slipway.release.verdicts import SCHEMA, Verdict
from slipway.steps.work import Request, Work, deliver
from slipway.telemetry import logger, tell_verdict, telling
from slipway.wiring import tools

Event = Mapping[str, Any]
Handler = Callable[[Event, object], dict[str, Any]]


def step(action: Callable[[Work], Verdict | None]) -> Handler:
    """Make a Lambda handler of a state's action.

    The action answers with a verdict, or None while it waits. What it raises is unforeseen: it is logged with the
    release in the line and raised again, so that the machine's Catch takes the next safer path. Where a service gave
    no answer for now, whichever it is, it is raised under the one name that the machine's Retry knows.
    """

    @wraps(action)
    def handler(event: Event, _context: object) -> dict[str, Any]:
        if event.get("warm"):
            return warmed()
        request = Request.read(event)
        with telling(request.release, request.state, request.execution):
            try:
                work = Work(request, tools())
                verdict = run(work, action)
                return output(verdict)
            except Exception as error:
                logger.exception("unforeseen")
                if is_passing(error):
                    raise UnavailableError(str(error)) from error
                raise

    return handler


def run(work: Work, action: Callable[[Work], Verdict | None]) -> Verdict | None:
    """Run a state's action: tell its verdict to the log, to the ledger, and to the one who waits for it."""
    verdict = action(work)
    tell_verdict(work.request.state, verdict)
    if verdict is not None:
        deliver(work, verdict)
    return verdict


def output(verdict: Verdict | None) -> dict[str, Any]:
    """Give what the function returns; of a waiting state it is not read, since the token carries the answer."""
    return {"schema": SCHEMA, "waiting": True} if verdict is None else verdict.as_output()


def reaction(action: Callable[[Event], dict[str, Any]]) -> Handler:
    """Make a Lambda handler of what happens outside the machine: it is told an event, not a step's request."""

    @wraps(action)
    def handler(event: Event, _context: object) -> dict[str, Any]:
        if event.get("warm"):
            return warmed()
        with telling("", action.__name__, ""):
            try:
                told = action(event)
                logger.info("done", told=told)
                return told
            except Exception:
                logger.exception("unforeseen")
                raise

    return handler


def warmed() -> dict[str, Any]:
    """Answer a warm-up: every function reads the ledger, so its client is made now and not in the first release."""
    tools().ledger  # noqa: B018 - opening it is the point
    logger.info("warm")
    return {"warm": True}

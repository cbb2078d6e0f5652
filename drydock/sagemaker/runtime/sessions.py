"""Stateful sessions: requests with the same SessionId go to the same instance.

Source: SageMaker developer guide, "Stateful sessions with Amazon SageMaker models". The container makes the id and sets
its expiry; both are read from its answers. Inferred: a session that is unknown, closed, expired or whose instance is
gone is answered with ValidationError.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.fleets.slot import Slot
from drydock.sagemaker.runtime.traffic import Way
from drydock.sagemaker.surroundings import Instance, Now

NEW = "NEW_SESSION"
NEW_SESSION_ID, CLOSED_SESSION_ID = "x-amzn-sagemaker-new-session-id", "x-amzn-sagemaker-closed-session-id"
"""Headers of a container's answer, in lower case."""
_EXPIRY = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Session:
    """An open session."""

    way: Way
    slot: Slot
    instance: Instance
    until: float
    """When it expires, seconds since the epoch."""


class Sessions:
    """The open sessions of all endpoints.

    Args:
        now: the clock, seconds since the epoch.
    """

    def __init__(self, now: Now) -> None:
        self._now = now
        self._open: dict[tuple[str, str], Session] = {}

    def find(self, endpoint: str, request: Mapping[str, Any]) -> Session | None:
        """Give the session that a request belongs to; None for one that names none, or wants a new one.

        Raises:
            ServiceError: ValidationError for a session that is not open.
        """
        name = request.get("SessionId", NEW)
        if name == NEW:
            return None
        session = self._open.get((endpoint, name))
        if session is None or session.until <= self._now() or session.slot.instance is not session.instance:
            self._open.pop((endpoint, name), None)
            raise ServiceError("ValidationError", f"Session {name} is not open on endpoint {endpoint}.")
        return session

    def note(
        self, endpoint: str, way: Way, picked: tuple[Slot, Instance], request: Mapping[str, Any], answer: Any
    ) -> None:
        """Learn from an answer that a session was opened or closed.

        Args:
            endpoint: its name.
            way: where the request went.
            picked: the instance, and the slot that keeps it.
            request: members of the invocation.
            answer: what came back, with `headers`.
        """
        if "SessionId" not in request:
            return
        headers = {name.lower(): value for name, value in answer.headers.items()}
        self._open.pop((endpoint, headers.get(CLOSED_SESSION_ID, "")), None)
        name, _, expiry = headers.get(NEW_SESSION_ID, "").partition("; Expires=")
        if name and expiry:
            self._forget_expired()
            self._open[endpoint, name] = Session(way, *picked, _seconds(expiry))

    def _forget_expired(self) -> None:
        now = self._now()
        for key in [key for key, session in self._open.items() if session.until <= now]:
            del self._open[key]


def _seconds(expiry: str) -> float:
    try:
        return datetime.strptime(expiry, _EXPIRY).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0

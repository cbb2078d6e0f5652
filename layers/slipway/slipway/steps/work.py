"""What a step works with: its request, the tools of the world, and the release it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from slipway.administration import Parameters, Signatures
from slipway.errors import UnreadableError
from slipway.ledger import Ledger
from slipway.ports import (
    AlarmBoard,
    Announcer,
    Artifacts,
    Clock,
    ContainerLogs,
    Executions,
    Hosting,
    Scaling,
)
from slipway.release.phases import Phase, phase_of
from slipway.release.release import Release, is_closed
from slipway.release.verdicts import SCHEMA, Verdict
from slipway.settings import Settings


class Tools(Protocol):
    """The world, opened one tool at a time: a function pays only for what it uses."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def artifacts(self) -> Artifacts: ...
    @property
    def hosting(self) -> Hosting: ...
    @property
    def scaling(self) -> Scaling: ...
    @property
    def alarms(self) -> AlarmBoard: ...
    @property
    def logs(self) -> ContainerLogs: ...
    @property
    def executions(self) -> Executions: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def signatures(self) -> Signatures: ...
    @property
    def announcer(self) -> Announcer: ...


@dataclass(frozen=True)
class Request:
    """What the machine asks of a step."""

    state: str
    execution: str
    release: str = ""
    round: int = 0
    """How often this wait has timed out before."""
    trouble: str = ""
    """What crashed on the way here."""
    token: str = ""
    """Task token of a waiting state."""
    looks: int = 0
    """How often this wait was signalled before."""
    heard: str = ""
    """What the signal told, empty if only that something changed."""
    started: str = ""
    """When the execution started (first state only)."""
    event: Mapping[str, Any] | None = None
    """What started the execution (first state only)."""

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> "Request":
        """Read a payload.

        Raises:
            UnreadableError: another schema, or no state or execution in it.
        """
        if payload.get("schema") != SCHEMA:
            raise UnreadableError(f"a payload of schema {payload.get('schema')!r}, this function reads {SCHEMA}")
        names = cls.__dataclass_fields__.keys() & payload.keys()
        try:
            return cls(**{name: payload[name] for name in names})
        except TypeError as error:
            raise UnreadableError(f"a payload without what every step needs: {error}") from error


@dataclass
class Work:
    """One request with everything needed to answer it."""

    request: Request
    tools: Tools

    def __post_init__(self) -> None:
        """Note when the step began."""
        self.began = self.tools.ledger.now()

    @property
    def phase(self) -> Phase:
        """The phase that this state runs."""
        return phase_of(self.request.state)

    @cached_property
    def release(self) -> Release:
        """The release that the request is about, read once."""
        return self.tools.ledger.release(self.request.release)

    def intend(self, **intent: Any) -> None:
        """Write down what this step is about to do."""
        self.tools.ledger.intend(self.release, self.phase, **intent)

    def arm(self) -> None:
        """Store the task token; only after it may a waiting step look, or it could miss what happens in between."""
        if self.release.answer(self.phase) is not None or self.phase not in self.release.phases:
            self.intend()  # an answer of an earlier wait must not be taken for one of this
        self.tools.ledger.put_token(self.release.id, self.phase, self.request.token)
        del self.release  # an abort or a decision that came since it was read found no token to signal
        if is_closed(self.release):  # by who took over from the execution whose late function this is
            self.tools.ledger.drop_token(self.release.id, self.phase, self.request.token)


def deliver(work: Work, verdict: Verdict) -> None:
    """Conclude a step: the ledger first, then the one who waits for the answer."""
    ledger, request = work.tools.ledger, work.request
    if request.release:
        ledger.conclude(work.release, work.phase, verdict, work.began)
    if request.token:
        ledger.drop_token(request.release, work.phase, request.token)
        work.tools.executions.signal(request.token, verdict.as_output())

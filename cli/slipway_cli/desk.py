"""What the commands work with: the ledger, and the few doors to AWS that are theirs alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from slipway.administration import Parameters
from slipway.intake.requests import DETAIL_TYPE
from slipway.ledger import Ledger
from slipway.ports import Artifacts, Clock, Executions, Hosting
from slipway.release.release import ObjectRef
from slipway.settings import Settings


@dataclass(frozen=True)
class LogLine:
    """One line of CloudWatch Logs."""

    at: float
    """Seconds since 1970."""
    text: str


class Bucket(Protocol):
    """The artifact bucket."""

    def put(self, path: Path, key: str, asked_by: str = "") -> ObjectRef:
        """Upload a file of any size, with who asks for its release; gives the version that was written."""


class Logs(Protocol):
    """The logs of the stack and of the models."""

    def function_groups(self) -> dict[str, str]:
        """Name the log groups of the stack's functions: group → function, without the stack's name."""

    def lines(self, group: str, since: float, until: float | None, containing: str = "") -> Iterator[LogLine]:
        """Give the lines of a group, oldest first; none where there is no such group.

        Args:
            group: its name.
            since: first moment, in seconds since 1970.
            until: last moment, None for now.
            containing: a text that a line must contain.
        """


class Plumbing(Protocol):
    """What brings events to the release machine."""

    def rules(self) -> dict[str, bool]:
        """Name the stack's rules, and whether each is enabled."""

    def are_drops_told(self) -> bool:
        """Whether the bucket tells EventBridge of new objects."""

    def lost_events(self) -> int:
        """Count the events that reached nobody."""


class Desk(Protocol):
    """Everything, opened when it is first used."""

    @property
    def place(self) -> str:
        """Where this is, for people."""

    @property
    def poll_seconds(self) -> float:
        """How long to wait between two looks."""

    @property
    def caller(self) -> str:
        """Who is at the desk: the ARN that STS tells, or the user of the machine where everything is local."""

    @property
    def clock(self) -> Clock: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def hosting(self) -> Hosting: ...

    @property
    def executions(self) -> Executions: ...

    @property
    def plumbing(self) -> Plumbing: ...

    @property
    def bucket(self) -> Bucket: ...

    @property
    def artifacts(self) -> Artifacts: ...

    @property
    def parameters(self) -> Parameters: ...

    @property
    def settings(self) -> Settings:
        """What the deployed functions are told."""

    @property
    def logs(self) -> Logs: ...

    def sign(self, key: str, algorithm: str, digest: bytes) -> dict[str, str]:
        """Sign a SHA-256 digest with a key of KMS; gives what `aws kms sign` prints."""

    def endpoints(self) -> list[str]:
        """Name every endpoint of the account."""

    def request(self, detail: dict[str, Any], detail_type: str = DETAIL_TYPE) -> str:
        """Send an event to the release machine; gives its id.

        Raises:
            CommandError: EventBridge did not take it.
        """

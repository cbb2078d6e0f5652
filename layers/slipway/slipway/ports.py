"""What Slipway asks of the world, in its own words. `slipway.aws` answers with AWS, `tests.fakes` with a few lines."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from slipway.exchanges import AlarmFacts, Announcement, Creation, Invocation, Item, Life, ObjectFacts, Reply
from slipway.release.release import ObjectRef
from slipway.release.scaled import Scaled


class Artifacts(Protocol):
    """The bucket: drops in, frozen bytes and reports out."""

    def head(self, ref: ObjectRef) -> ObjectFacts | None:
        """Look at an object (its latest version when the ref names none); None when it is not there."""

    def read(self, ref: ObjectRef, limit: int) -> bytes:
        """Read a small object, at most `limit` + 1 bytes of it."""

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Read an object chunk by chunk, in constant memory."""

    def freeze(self, ref: ObjectRef, target: ObjectRef, size: int) -> ObjectRef:
        """Copy an object of this many bytes to an immutable key; a second freeze of the key changes nothing."""

    def under(self, bucket: str, prefix: str, limit: int) -> list[ObjectFacts]:
        """List the objects whose keys begin so, by key, with their versions; at most `limit` of them."""

    def written(self, bucket: str, prefix: str, since: datetime, limit: int) -> list[ObjectFacts]:
        """List the objects under a prefix that were written since then, newest first; at most `limit` are looked at."""

    def children(self, folder: ObjectRef) -> list[ObjectRef]:
        """List a folder (its key ends with /): folders, then objects, each by name; the first thousand of both."""

    def write(self, ref: ObjectRef, body: bytes, content_type: str) -> None:
        """Write a small object: a report.

        Raises:
            NotAnnouncedError: it could not be written.
        """

    def delete(self, ref: ObjectRef) -> None:
        """Delete an object; one that is gone already is deleted."""


class Hosting(Protocol):
    """SageMaker hosting. A describe gives the API's answer, None for 'could not find'; or raises UnavailableError."""

    def describe_model(self, name: str) -> Item | None: ...

    def describe_config(self, name: str) -> Item | None: ...

    def describe_endpoint(self, name: str) -> Item | None: ...

    def describe_package(self, arn: str) -> Item | None: ...

    def endpoint_names(self) -> list[str]:
        """Name every endpoint of the region, ours or not."""

    def create_model(self, request: Item) -> Creation: ...

    def create_config(self, request: Item) -> Creation: ...

    def create_endpoint(self, request: Item) -> Creation: ...

    def update_endpoint(self, request: Item) -> Creation: ...

    def tag(self, arn: str, tags: dict[str, str]) -> Creation:
        """Add tags to a thing; those that it has keep their values unless named."""

    def delete_model(self, name: str) -> Creation: ...

    def delete_config(self, name: str) -> Creation: ...

    def delete_endpoint(self, name: str) -> Creation: ...

    def invoke(self, invocation: Invocation) -> Reply:
        """Invoke once: no retry of the client's, 70 s read timeout."""


class Scaling(Protocol):
    """Application Auto Scaling of an endpoint's variant."""

    def describe(self, endpoint: str, variant: str) -> Scaled | None:
        """Give what is registered, None when nothing is."""

    def register(self, endpoint: str, variant: str, minimum: int, maximum: int) -> Creation: ...

    def track(self, endpoint: str, variant: str, policy: str, configuration: Item) -> Creation:
        """Put a target tracking policy."""

    def untrack(self, endpoint: str, variant: str, policy: str) -> Creation: ...

    def deregister(self, endpoint: str, variant: str) -> Creation:
        """Deregister it with all its policies."""


class AlarmBoard(Protocol):
    """CloudWatch alarms and the metric of the veto."""

    def describe(self, names: Sequence[str]) -> dict[str, AlarmFacts]: ...

    def named(self, prefix: str) -> list[str]: ...

    def rang(self, names: Sequence[str], since: datetime) -> dict[str, str]:
        """Give the alarms that went to ALARM since then, even if quiet again, with the reason, by name."""

    def count(self, namespace: str, metric: str, dimensions: dict[str, str], since: datetime) -> int:
        """Add up a metric since then (GetMetricStatistics, Sum); 0 where there is no data."""

    def hourly(self, namespace: str, metric: str, dimensions: dict[str, str], since: datetime, of: str) -> list[float]:
        """Give a percentile ('p95') of a metric for each hour since then that has data."""

    def put(self, request: Item) -> None: ...

    def delete(self, names: Sequence[str]) -> Creation:
        """Delete alarms; one that is gone already is deleted. REFUSED when one of them, or more, must stay."""

    def publish(self, namespace: str, metric: str, dimensions: dict[str, str], value: float) -> None: ...

    def set_state(self, name: str, state: str, reason: str) -> None:
        """Set an alarm's state by hand (SetAlarmState)."""


class LedgerStore(Protocol):
    """The table: items keyed by `pk` and `sk`, strongly consistent, written whole, under a condition."""

    def get(self, pk: str, sk: str) -> Item | None: ...

    def query(self, pk: str, begins: str = "") -> list[Item]:
        """Give the partition's items whose sort key begins so, in the order of the sort key."""

    def put(self, item: Item, expect: dict[str, Any] | None = None) -> bool:
        """Write an item if the stored one has these attribute values.

        Args:
            item: with `pk` and `sk`; a top-level attribute that is None is left out, so that 'absent' can be expected.
            expect: attribute → value; value None: the attribute is absent (`{"pk": None}`: there is no such item).

        Returns:
            Whether it was written.
        """

    def delete(self, pk: str, sk: str, expect: dict[str, Any] | None = None) -> bool:
        """Delete an item under the same kind of condition; deleting what is not there succeeds without one."""

    def open_releases(self) -> list[Item]:
        """Give the META items of the releases that have no outcome yet, oldest first, by the sparse index."""


class Executions(Protocol):
    """Step Functions: who lives, and who waits."""

    def life(self, execution: str) -> Life:
        """Ask whether an execution runs; one that Step Functions does not know has ended."""

    def signal(self, token: str, output: Item) -> bool:
        """Send task success; False when nobody waits for this token any more."""

    def start(self, name: str, event: Item) -> bool:
        """Start an execution of the release machine by deterministic name; False when that name was used already."""


class ContainerLogs(Protocol):
    """What the models' containers wrote, in CloudWatch Logs."""

    def lines(self, group: str, since: datetime, until: datetime, stream: str = "") -> list[str]:
        """Give some lines of a group, or of one of its streams, oldest first; none where they cannot be read."""


class Announcer(Protocol):
    """SNS and EventBridge; a failure to announce never changes an outcome."""

    def announce(self, announcement: Announcement) -> None:
        """Tell everybody.

        Raises:
            NotAnnouncedError: it could not be told, or not to everybody.
        """


class Clock(Protocol):
    """The one clock."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...

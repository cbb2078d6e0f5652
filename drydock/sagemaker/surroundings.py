"""What the hosting service needs of its surroundings: containers to run, a bucket to read, places to report to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from drydock.sagemaker.answers import ContainerAnswer, ContainerStream


@dataclass(frozen=True)
class ContainerSpec:
    """One container to start on one instance (ContainerDefinition of CreateModel, resolved)."""

    endpoint: str
    variant: str
    instance_id: str
    image: str
    model_data_url: str
    """s3://bucket/key of a model.tar.gz, or of a folder with a slash at its end; empty for an image with its model."""
    environment: Mapping[str, str] = field(default_factory=dict)
    hostname: str = "primary"
    several: bool = False
    """Whether it shares its instance with other containers."""
    isolated: bool = False
    """Whether it is to reach no network (EnableNetworkIsolation of CreateModel)."""


class LaunchError(Exception):
    """An instance cannot come up; the text is the FailureReason of the endpoint."""


class Instance(Protocol):
    """One running container that keeps the container contract."""

    @property
    def alive(self) -> bool: ...

    async def ping(self) -> bool:
        """Ask GET /ping: whether it answered 200 within 2 s."""

    async def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerAnswer:
        """Send POST /invocations; never raises for what the container does."""

    async def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerStream:
        """Send POST /invocations and wait for the head of the answer only; `timeout` is for all of it."""

    async def stop(self) -> None:
        """Send SIGTERM, then SIGKILL to what is still there after the grace time."""


class Launcher(Protocol):
    """Starts containers."""

    async def launch(self, spec: ContainerSpec) -> Instance:
        """Fetch and unpack the model and start the container; does not wait for /ping.

        Raises:
            LaunchError: the model data cannot be fetched or unpacked, or no process can be started.
        """

    async def close(self) -> None:
        """Stop everything that was started."""


class Surroundings(Protocol):
    """The rest of the cloud."""

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        """Write an object, or all that is in a folder packed, to a file; FileNotFoundError: it is not there."""

    async def has_object(self, bucket: str, key: str) -> bool:
        """Whether the object is there; of a folder, with a slash at its end, whether anything is in it."""

    def has_role(self, arn: str) -> bool:
        """Whether IAM knows the role; a service without IAM says yes."""

    def publish_event(self, detail_type: str, resources: list[str], detail: dict[str, Any]) -> None:
        """Put an event of source aws.sagemaker on the default bus."""

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        """Record one datapoint, now, under each of the dimension sets."""

    def alarm_states(self, names: Iterable[str]) -> dict[str, str]:
        """Give the state of each alarm that exists: OK, ALARM or INSUFFICIENT_DATA."""

    def may_read_alarms(self, role: str) -> bool:
        """Whether a role may DescribeAlarms; a service that does not check policies says yes.

        Args:
            role: its ARN; empty where a model has none.
        """

    async def store(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object; raises OSError where that cannot be done."""

    async def notify(self, topic: str, message: str) -> None:
        """Publish a message to an SNS topic, by its ARN; raises OSError where that cannot be done."""

    def log(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Append lines to a CloudWatch Logs stream, making group and stream where they are missing."""


Now = Callable[[], float]
"""The clock: wall-clock seconds since the epoch."""

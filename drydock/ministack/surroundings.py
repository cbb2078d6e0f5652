"""The hosting service's view of the cloud: MiniStack's services, called in process."""
# ruff: noqa: SLF001 - roles are looked up where MiniStack keeps them

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ministack.core.concurrency import run_offloop
from ministack.services import iam

from drydock.ministack import alarm_states, datapoints, events, logs, roles, storage, topics
from drydock.ministack.tenant import act_at_home
from drydock.sagemaker.serving.packing import pack_objects


class MiniStackSurroundings:
    """Implements `drydock.sagemaker.surroundings.Surroundings`; every method may be called on the event loop."""

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        """Write an object, or all that is in a folder packed, to a file; FileNotFoundError: it is not there."""
        if key.endswith("/"):
            objects = act_at_home(partial(storage.read_folder, bucket, key))
            await run_offloop(pack_objects, objects, to)
            return
        body = act_at_home(partial(storage.read_object, bucket, key))
        await run_offloop(to.write_bytes, body)

    async def has_object(self, bucket: str, key: str) -> bool:
        """Whether the object is there; of a folder, with a slash at its end, whether anything is in it."""
        return act_at_home(partial(storage.has_object, bucket, key))

    def has_role(self, arn: str) -> bool:
        """Whether IAM knows the role."""
        role = act_at_home(partial(iam._roles.get, arn.rsplit("/", 1)[-1]))
        return bool(role and role["Arn"] == arn)

    def publish_event(self, detail_type: str, resources: list[str], detail: dict[str, Any]) -> None:
        """Put an event of source aws.sagemaker on the default bus."""
        act_at_home(partial(events.publish, "aws.sagemaker", detail_type, resources, detail))

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        """Record one datapoint, now, under each of the dimension sets."""
        for dimensions in dimension_sets:
            act_at_home(partial(datapoints.put, namespace, name, dimensions, value, unit))

    def alarm_states(self, names: Iterable[str]) -> dict[str, str]:
        """Give the state of each alarm that exists."""
        return act_at_home(partial(alarm_states.states, names))

    def may_read_alarms(self, role: str) -> bool:
        """Whether a role may DescribeAlarms; everybody may where AUTH is off."""
        return act_at_home(partial(roles.may, role, "cloudwatch:DescribeAlarms"))

    async def store(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object; raises OSError where S3 refuses it."""
        act_at_home(partial(storage.write_object, bucket, key, body))

    async def notify(self, topic: str, message: str) -> None:
        """Publish a message to a topic; raises OSError where SNS refuses it."""
        act_at_home(partial(topics.publish, topic, message))

    def log(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Append lines to a CloudWatch Logs stream."""
        act_at_home(partial(logs.append, group, stream, lines))

"""What surrounds a hosting service that runs alone: a bucket by its address, and a place for lines."""

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from drydock.alone.alarms import LoneAlarms
from drydock.sagemaker.place import ACCOUNT
from drydock.sagemaker.serving.packing import pack_objects

_ABSENT = ("404", "NoSuchKey", "NoSuchBucket", "NotFound")
_DUMMY = "test"

Hear = Callable[[str], None]
"""Takes one line."""


class LoneSurroundings:
    """Implements `drydock.sagemaker.surroundings.Surroundings` without a cloud around it.

    Every role exists, no alarm does that a deployment could name, metrics go to the alarms that scale and nowhere
    else; events and the containers' output become lines.

    Args:
        s3_endpoint_url: where S3 answers; any credentials in the environment are used, dummies otherwise.
        region: a region's name.
        hear_event: takes each event, as EventBridge would deliver it, on one line of JSON.
        hear_log: takes each line that a container writes.
        scale: how much faster than AWS time runs here.
    """

    def __init__(self, s3_endpoint_url: str, region: str, hear_event: Hear, hear_log: Hear, scale: float = 1.0) -> None:
        make: Callable[..., Any] = boto3.client
        self._s3 = make(
            "s3",
            endpoint_url=s3_endpoint_url,
            region_name=region,
            aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", _DUMMY),
            aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", _DUMMY),
            aws_session_token=os.environ.get("AWS_SESSION_TOKEN"),
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"mode": "standard", "total_max_attempts": 2},
                s3={"addressing_style": "path"},
            ),
        )
        self._hear_event = hear_event
        self._hear_log = hear_log
        self.scaling = LoneAlarms(scale, f"{region}:{ACCOUNT}", self._tell)
        """What Application Auto Scaling is surrounded by."""

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        """Write an object, or all that is in a folder packed, to a file; FileNotFoundError: it is not there."""
        if key.endswith("/"):
            await self._call(self._pack_folder, Bucket=bucket, Key=key, to=to)
        else:
            await self._call(self._s3.download_file, Bucket=bucket, Key=key, Filename=str(to))

    async def has_object(self, bucket: str, key: str) -> bool:
        """Whether the object, or anything in the folder, is there; an S3 that cannot be asked has none and says why."""
        try:
            await self._call(self._find_folder if key.endswith("/") else self._s3.head_object, Bucket=bucket, Key=key)
        except FileNotFoundError:
            return False
        except OSError as error:
            self._hear_log(f"S3 could not be asked for s3://{bucket}/{key}: {error}")
            return False
        return True

    async def store(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object; raises OSError where that cannot be done."""
        await self._call(self._s3.put_object, Bucket=bucket, Key=key, Body=body)

    def has_role(self, arn: str) -> bool:
        """Say yes: there is no IAM here."""
        return bool(arn)

    def may_read_alarms(self, role: str) -> bool:
        """Say yes: there is no IAM here."""
        del role
        return True

    def alarm_states(self, names: Iterable[str]) -> dict[str, str]:
        """Give none: there is no CloudWatch here."""
        del names
        return {}

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        """Give it to the alarms that scale: there is no CloudWatch here."""
        self.scaling.put_metric(namespace, name, dimension_sets, value, unit)

    def publish_event(self, detail_type: str, resources: list[str], detail: dict[str, Any]) -> None:
        """Write the event on a line."""
        self._tell("aws.sagemaker", detail_type, detail, resources)

    def _tell(self, source: str, detail_type: str, detail: dict[str, Any], resources: Sequence[str] = ()) -> None:
        event = {
            "detail-type": detail_type,
            "source": source,
            "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "resources": list(resources),
            "detail": detail,
        }
        self._hear_event(json.dumps(event))

    async def notify(self, topic: str, message: str) -> None:
        """Write what a topic of SNS would hear on a line: there is no SNS here."""
        self._hear_event(json.dumps({"TopicArn": topic, "Message": json.loads(message)}))

    def log(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Write each line with the name of its stream."""
        for line in lines:
            self._hear_log(f"{group} {stream} {line}")

    def _keys(self, Bucket: str, Key: str) -> list[str]:  # noqa: N803 - as boto3 has them
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=Bucket, Prefix=Key)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def _find_folder(self, Bucket: str, Key: str) -> None:  # noqa: N803
        if not self._keys(Bucket, Key):
            raise FileNotFoundError(Key)

    def _pack_folder(self, Bucket: str, Key: str, to: Path) -> None:  # noqa: N803
        keys = self._keys(Bucket, Key)
        bodies = (self._s3.get_object(Bucket=Bucket, Key=key)["Body"].read() for key in keys)
        pack_objects(zip((key.removeprefix(Key) for key in keys), bodies, strict=True), to)

    @staticmethod
    async def _call(operation: Callable[..., object], **request: object) -> None:
        try:
            await asyncio.to_thread(operation, **request)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                raise FileNotFoundError(f"s3://{request['Bucket']}/{request['Key']}") from error
            raise OSError(str(error)) from error
        except BotoCoreError as error:
            raise OSError(str(error)) from error

"""S3 as the artifact bucket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.aws.refusals import code_of
from slipway.errors import NotAnnouncedError, UnreadableError
from slipway.exchanges import ObjectFacts
from slipway.release.release import ObjectRef

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1 << 20

ABSENT = ("404", "NoSuchKey", "NoSuchVersion", "405", "MethodNotAllowed")
"""Codes for an object or version that is not there; 405 is what S3 says of the version that is a delete marker."""

TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
"""Codes of a write that must not overwrite: 412, the key is taken; 409, somebody is writing it (API_CopyObject)."""


class S3Artifacts:
    """Satisfies `slipway.ports.Artifacts`."""

    def __init__(self, client: S3Client) -> None:
        self._s3 = client

    def head(self, ref: ObjectRef) -> ObjectFacts | None:
        """Look at an object with HeadObject, which also tells the version that an event may leave out."""
        try:
            said = self._s3.head_object(**_named(ref))
        except ClientError as error:
            if code_of(error) in ABSENT:
                return None
            raise
        seen = ObjectRef(ref.bucket, ref.key, said.get("VersionId", ""))
        return ObjectFacts(seen, said["ContentLength"], said["ETag"].strip('"'), said["LastModified"])

    def read(self, ref: ObjectRef, limit: int) -> bytes:
        """Read at most `limit` + 1 bytes, so that the caller can tell a longer object.

        Raises:
            FileNotFoundError: the object is not there, or not any more.
        """
        try:
            with closing(self._get(ref, Range=f"bytes=0-{limit}")) as body:
                return bytes(body.read(limit + 1))
        except ClientError as error:
            if code_of(error) == "InvalidRange":  # an empty object has no first byte
                return b""
            raise

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Read chunk by chunk, 1 MiB at a time.

        Raises:
            FileNotFoundError: the object is not there, or not any more.
        """
        with closing(self._get(ref)) as body:
            yield from body.iter_chunks(CHUNK_BYTES)

    def freeze(self, ref: ObjectRef, key: str) -> ObjectRef:
        """Copy one version within the bucket (5 GB at most) to a key that is never overwritten.

        Raises:
            UnreadableError: the key is taken by an object of another size.
        """
        try:
            said = self._s3.copy_object(
                Bucket=ref.bucket,
                Key=key,
                CopySource=_named(ref),
                IfNoneMatch="*",
                TaggingDirective="REPLACE",  # a lifecycle rule that goes by the drop's tags must not expire the copy
            )
        except ClientError as error:
            if code_of(error) in TAKEN:
                return self._same(ref, ObjectRef(ref.bucket, key), error)
            raise
        return ObjectRef(ref.bucket, key, said.get("VersionId", ""))

    def write(self, ref: ObjectRef, body: bytes, content_type: str) -> None:
        """Write a small object."""
        try:
            self._s3.put_object(Bucket=ref.bucket, Key=ref.key, Body=body, ContentType=content_type)
        except (BotoCoreError, ClientError) as error:
            raise NotAnnouncedError(f"{ref.uri} could not be written: {error}") from error

    def delete(self, ref: ObjectRef) -> None:
        """Delete an object: in a versioned bucket its bytes stay until the lifecycle takes them."""
        self._s3.delete_object(Bucket=ref.bucket, Key=ref.key)

    def _get(self, ref: ObjectRef, **options: Any) -> Any:
        try:
            return self._s3.get_object(**_named(ref), **options)["Body"]
        except ClientError as error:
            if code_of(error) in ABSENT:
                raise FileNotFoundError(ref.uri) from error
            raise

    def _same(self, ref: ObjectRef, frozen: ObjectRef, taken: ClientError) -> ObjectRef:
        """Take what lies at the key already, if it can be these bytes."""
        source, there = self.head(ref), self.head(frozen)
        if source is None or there is None:
            raise taken
        if source.size != there.size:
            raise UnreadableError(f"{frozen.uri} holds other bytes than {ref.uri}")
        return there.ref


def _named(ref: ObjectRef) -> Any:
    version = {"VersionId": ref.version} if ref.version else {}
    return {"Bucket": ref.bucket, "Key": ref.key, **version}

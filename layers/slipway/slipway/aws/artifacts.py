"""S3 as the artifact bucket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.aws.copying import Sizes, copy, named
from slipway.aws.refusals import code_of, message_of
from slipway.errors import NotAnnouncedError, UnreadableError
from slipway.exchanges import ObjectFacts
from slipway.release.naming import ASKED_BY
from slipway.release.release import ObjectRef

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1 << 20

ABSENT = ("404", "NoSuchKey", "NoSuchVersion", "405", "MethodNotAllowed")
"""Codes for an object or version that is not there; 405 is what S3 says of the version that is a delete marker."""

DENIED = ("403", "AccessDenied", "AllAccessDisabled")
"""Codes for what exists but is not for us; HeadObject has no body that could say more than 403."""

CONFLICT = "ConditionalRequestConflict"
COPIES = 4
"""How often a copy is tried while others write the same key: releases of the same bytes freeze them side by side."""

TAKEN = ("PreconditionFailed", CONFLICT)
"""Codes of a write that must not overwrite: 412, the key is taken; 409, somebody is writing it (API_CopyObject)."""


class S3Artifacts:
    """Satisfies `slipway.ports.Artifacts`."""

    def __init__(self, client: S3Client, sizes: Sizes | None = None) -> None:
        self._s3 = client
        self._sizes = sizes or Sizes()

    def head(self, ref: ObjectRef) -> ObjectFacts | None:
        """Look at an object with HeadObject, which also tells the version that an event may leave out.

        Raises:
            PermissionError: the bucket does not let us look.
        """
        try:
            said = self._s3.head_object(**named(ref))
        except ClientError as error:
            if code_of(error) in ABSENT:
                return None
            if code_of(error) in DENIED:
                raise PermissionError(ref.uri) from error
            raise
        seen = ObjectRef(ref.bucket, ref.key, said.get("VersionId", ""))
        asked_by = said.get("Metadata", {}).get(ASKED_BY, "")
        return ObjectFacts(seen, said["ContentLength"], said["ETag"].strip('"'), said["LastModified"], asked_by)

    def read(self, ref: ObjectRef, limit: int) -> bytes:
        """Read at most `limit` + 1 bytes, so that the caller can tell a longer object.

        Raises:
            FileNotFoundError: the object is not there, or not any more.
            PermissionError: the bucket, or the key that it is encrypted with, does not let us in.
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
            PermissionError: the bucket, or the key that it is encrypted with, does not let us in.
        """
        with closing(self._get(ref)) as body:
            yield from body.iter_chunks(CHUNK_BYTES)

    def freeze(self, ref: ObjectRef, target: ObjectRef, size: int) -> ObjectRef:
        """Copy one version to a key that is never overwritten; what one CopyObject cannot take, part by part.

        Raises:
            FileNotFoundError: what shall be copied is not there any more.
            PermissionError: a bucket, or the key that one is encrypted with, does not let us in.
            UnreadableError: the key is taken by an object of another size.
        """
        tries = COPIES
        while True:
            tries -= 1
            try:
                return replace(target, version=copy(self._s3, ref, target, size, self._sizes))
            except ClientError as error:
                if code_of(error) in ABSENT:
                    raise FileNotFoundError(ref.uri) from error
                if code_of(error) in DENIED:
                    raise PermissionError(f"{ref.uri}: {message_of(error)}") from error
                there = self.head(target) if code_of(error) in TAKEN else None
                if there is not None:
                    return _same(there, size)
                if tries == 0 or code_of(error) != CONFLICT:
                    raise

    def under(self, bucket: str, prefix: str, limit: int) -> list[ObjectFacts]:
        """List the latest versions under a prefix with ListObjectVersions; what was deleted is none of them.

        Raises:
            PermissionError: the bucket does not let us look.
        """
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        latest = (said for page in pages for said in page.get("Versions", []) if said["IsLatest"])
        try:
            return [_facts(bucket, said) for said in islice(latest, limit)]
        except ClientError as error:
            if code_of(error) in DENIED:
                raise PermissionError(f"s3://{bucket}/{prefix}") from error
            raise

    def written(self, bucket: str, prefix: str, since: datetime, limit: int) -> list[ObjectFacts]:
        """List what was written under a prefix since then, newest first, of the first `limit` latest versions."""
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        latest = (said for page in pages for said in page.get("Versions", []) if said["IsLatest"])
        found = [_facts(bucket, said) for said in islice(latest, limit) if said["LastModified"] >= since]
        return sorted(found, key=lambda facts: facts.modified_at, reverse=True)

    def children(self, folder: ObjectRef) -> list[ObjectRef]:
        """List one level (ListObjectsV2 with a delimiter)."""
        said = self._s3.list_objects_v2(Bucket=folder.bucket, Prefix=folder.key, Delimiter="/")
        folders = [each.get("Prefix", "") for each in said.get("CommonPrefixes", [])]
        keys = [each.get("Key", "") for each in said.get("Contents", [])]
        return [ObjectRef(folder.bucket, key) for key in (*folders, *keys) if key != folder.key]

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
            return self._s3.get_object(**named(ref), **options)["Body"]
        except ClientError as error:
            if code_of(error) in ABSENT:
                raise FileNotFoundError(ref.uri) from error
            if code_of(error) in DENIED:
                raise PermissionError(f"{ref.uri}: {message_of(error)}") from error
            raise


def _same(there: ObjectFacts, size: int) -> ObjectRef:
    """Take what lies at the key already, if it can be these bytes."""
    if there.size != size:
        raise UnreadableError(f"{there.ref.uri} holds other bytes than those that were verified")
    return there.ref


def _facts(bucket: str, said: Any) -> ObjectFacts:
    version = "" if said["VersionId"] == "null" else said["VersionId"]
    ref = ObjectRef(bucket, said["Key"], version)
    return ObjectFacts(ref, said["Size"], said["ETag"].strip('"'), said["LastModified"])

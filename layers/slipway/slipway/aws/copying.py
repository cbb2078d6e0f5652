"""Copies within S3, at once or part by part; nothing passes through the function."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slipway.release.release import ObjectRef

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COPY_LIMIT = 5 * 1024**3
"""The most bytes that one CopyObject takes (API_CopyObject)."""

PART_BYTES = 512 * 1024**2
"""Bytes of a part of anything larger; at most 10,000 parts make an object (API_UploadPartCopy)."""

AT_ONCE = 8
"""Parts that S3 copies side by side."""


@dataclass(frozen=True)
class Sizes:
    """How much is copied by one call; tests ask for less."""

    at_once: int = COPY_LIMIT
    part: int = PART_BYTES


def copy(client: S3Client, ref: ObjectRef, target: ObjectRef, size: int, sizes: Sizes) -> str:
    """Copy one version of an object, unless the target's key is taken.

    Args:
        client: of S3.
        ref: what is copied.
        target: bucket and key of the copy.
        size: bytes of what is copied.
        sizes: how much is copied by one call.

    Returns:
        The version of the copy; empty where the bucket has none.

    Raises:
        ClientError: PreconditionFailed (412) or ConditionalRequestConflict (409) when the key is taken.
    """
    if size > sizes.at_once:
        return _by_parts(client, ref, target, size, sizes.part)
    said = client.copy_object(
        Bucket=target.bucket,
        Key=target.key,
        CopySource=named(ref),
        IfNoneMatch="*",
        TaggingDirective="REPLACE",  # a lifecycle rule that goes by the drop's tags must not expire the copy
    )
    return said.get("VersionId", "")


def named(ref: ObjectRef) -> Any:
    """Name one version of an object in a request."""
    version = {"VersionId": ref.version} if ref.version else {}
    return {"Bucket": ref.bucket, "Key": ref.key, **version}


def _by_parts(client: S3Client, ref: ObjectRef, target: ObjectRef, size: int, part_bytes: int) -> str:
    at: Any = {"Bucket": target.bucket, "Key": target.key}
    upload: Any = {**at, "UploadId": client.create_multipart_upload(**at)["UploadId"]}

    def part(begin: int) -> Any:
        number, end = begin // part_bytes + 1, min(begin + part_bytes, size) - 1
        bounds = f"bytes={begin}-{end}"
        said = client.upload_part_copy(**upload, PartNumber=number, CopySource=named(ref), CopySourceRange=bounds)
        return {"PartNumber": number, "ETag": said["CopyPartResult"]["ETag"]}

    with ExitStack() as unfinished:
        unfinished.callback(client.abort_multipart_upload, **upload)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            parts: Any = list(pool.map(part, range(0, size, part_bytes)))
        said = client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
        unfinished.pop_all()
    return said.get("VersionId", "")

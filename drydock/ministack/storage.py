"""S3 mended: MiniStack 1.5.33 ignores the conditions of CopyObject on its destination."""
# ruff: noqa: SLF001 - the conditions are checked by MiniStack's own functions

from typing import Any

from ministack.services import s3

_copy_object = s3._copy_object


def mend() -> None:
    """Make CopyObject keep If-Match and If-None-Match, as PutObject does already."""
    s3._copy_object = copy_object


def copy_object(bucket: str, key: str, headers: dict[str, str]) -> Any:
    """Copy unless a condition on the destination fails: 412 PreconditionFailed, or 404 for If-Match on nothing."""
    destination = s3._ensure_bucket(bucket)
    if destination is not None:
        refusal = s3._check_put_preconditions(headers, destination["objects"].get(key))
        if refusal is not None:
            return refusal
    return _copy_object(bucket, key, headers)


def read_object(bucket: str, key: str) -> bytes:
    """Give the bytes of the current version of an object.

    Raises:
        FileNotFoundError: there is no such bucket or object.
    """
    found = (s3._ensure_bucket(bucket) or {"objects": {}})["objects"].get(key)
    if found is None:
        raise FileNotFoundError(f"s3://{bucket}/{key}")
    return bytes(s3._read_body(bucket, key, found))


def read_folder(bucket: str, folder: str) -> list[tuple[str, bytes]]:
    """Give what is in a folder: keys without the folder's, and bytes."""
    keys = [key for key in (s3._ensure_bucket(bucket) or {"objects": {}})["objects"] if key.startswith(folder)]
    return [(key.removeprefix(folder), read_object(bucket, key)) for key in keys]


def write_object(bucket: str, key: str, body: bytes) -> None:
    """Write an object, with the event that S3 sends for it.

    Raises:
        OSError: S3 refuses it, as where there is no such bucket.
    """
    status, _, answer = s3._put_object(bucket, key, body, {"content-type": "application/octet-stream"})
    if status >= 300:
        raise OSError(f"s3://{bucket}/{key}: {status} {bytes(answer).decode(errors='replace')}")


def has_object(bucket: str, key: str) -> bool:
    """Whether the bucket has a current version of the object, or of anything in a folder (a slash at its end)."""
    objects = (s3._ensure_bucket(bucket) or {"objects": {}})["objects"]
    return any(each.startswith(key) for each in objects) if key.endswith("/") else key in objects

"""A versioned bucket in memory; any bucket name is one."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from slipway.errors import NotAnnouncedError, UnreadableError
from slipway.exchanges import ObjectFacts
from slipway.ports import Clock
from slipway.release.release import ObjectRef
from tests.fakes.clock import FakeClock

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Stored:
    """One version of one object."""

    ref: ObjectRef
    body: bytes
    content_type: str
    modified_at: datetime
    asked_by: str = ""


class FakeArtifacts:
    """Keeps every version of every object; the last one is the latest."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or FakeClock()
        self._versions: dict[tuple[str, str], list[Stored]] = {}
        self.read_only = False
        self.closed: set[str] = set()
        """Buckets that let nobody in."""
        self.unversioned: set[str] = set()
        """Buckets that keep no versions."""

    def drop(self, bucket: str, key: str, body: bytes, asked_by: str = "") -> ObjectRef:
        """Upload an object as a user would; returns its new version."""
        return self._store(ObjectRef(bucket, key), body, "binary/octet-stream", asked_by)

    def remove(self, bucket: str, key: str) -> None:
        """Delete an object with all its versions."""
        self._versions.pop((bucket, key), None)

    def keys(self, bucket: str) -> list[str]:
        """List what is in a bucket."""
        return sorted(key for place, key in self._versions if place == bucket)

    def head(self, ref: ObjectRef) -> ObjectFacts | None:
        if ref.bucket in self.closed:
            raise PermissionError(ref.uri)
        stored = self._find(ref)
        if stored is None:
            return None
        etag = hashlib.md5(stored.body, usedforsecurity=False).hexdigest()
        return ObjectFacts(stored.ref, len(stored.body), etag, stored.modified_at, stored.asked_by)

    def read(self, ref: ObjectRef, limit: int) -> bytes:
        return self._demand(ref).body[: limit + 1]

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        body = self._demand(ref).body
        return (body[at : at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES))

    def freeze(self, ref: ObjectRef, target: ObjectRef, size: int) -> ObjectRef:
        source, frozen = self._demand(ref), self._find(target)
        if frozen is None:
            return self._store(target, source.body, source.content_type)
        if len(frozen.body) != size:
            raise UnreadableError(f"{frozen.ref.uri} holds other bytes than those that were verified")
        return frozen.ref

    def under(self, bucket: str, prefix: str, limit: int) -> list[ObjectFacts]:
        if bucket in self.closed:
            raise PermissionError(bucket)
        refs = [ObjectRef(bucket, key) for key in self.keys(bucket) if key.startswith(prefix)]
        return [facts for ref in refs[:limit] if (facts := self.head(ref))]

    def written(self, bucket: str, prefix: str, since: datetime, limit: int) -> list[ObjectFacts]:
        found = [facts for facts in self.under(bucket, prefix, limit) if facts.modified_at >= since]
        return sorted(found, key=lambda facts: facts.modified_at, reverse=True)

    def children(self, folder: ObjectRef) -> list[ObjectRef]:
        below = [key.removeprefix(folder.key) for key in self.keys(folder.bucket) if key.startswith(folder.key)]
        folders = sorted({f"{name.partition('/')[0]}/" for name in below if "/" in name})
        names = [*folders, *(name for name in below if name and "/" not in name)]
        return [ObjectRef(folder.bucket, folder.key + name) for name in names][:1000]

    def write(self, ref: ObjectRef, body: bytes, content_type: str) -> None:
        if self.read_only:
            raise NotAnnouncedError(f"{ref.uri} could not be written")
        self._store(ref, body, content_type)

    def delete(self, ref: ObjectRef) -> None:
        self._versions.pop((ref.bucket, ref.key), None)

    def _store(self, ref: ObjectRef, body: bytes, content_type: str, asked_by: str = "") -> ObjectRef:
        versions = self._versions.setdefault((ref.bucket, ref.key), [])
        new = replace(ref, version="" if ref.bucket in self.unversioned else f"v{len(versions) + 1}")
        versions.append(Stored(new, body, content_type, self._clock.now(), asked_by))
        return new

    def _find(self, ref: ObjectRef) -> Stored | None:
        versions = self._versions.get((ref.bucket, ref.key), [])
        wanted = [stored for stored in versions if ref.version in ("", stored.ref.version)]
        return wanted[-1] if wanted else None

    def _demand(self, ref: ObjectRef) -> Stored:
        stored = self._find(ref)
        if stored is None:
            raise FileNotFoundError(ref.uri)
        return stored

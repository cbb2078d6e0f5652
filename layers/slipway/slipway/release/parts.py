"""The artifacts that a release is made of: what was dropped, and what its spec names besides."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slipway.errors import UnreadableError
from slipway.release.phases import Phase
from slipway.release.release import ObjectRef, Release

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slipway.release.serve_spec import Serve
    from slipway.release.spec import ReleaseSpec


@dataclass(frozen=True)
class Named:
    """An artifact that a spec names besides the one that was dropped."""

    artifact: str
    """Its address as the spec names it: a key of the artifact bucket, or s3://… in a source bucket."""
    where: str
    """The place of the spec that names it first."""
    sha256: str | None = None
    """What it must have, in hexadecimal digits."""


@dataclass(frozen=True)
class Part:
    """One artifact of a release, in the version that Read the Release saw."""

    name: str
    """Its address as the spec names it; empty for what was dropped."""
    ref: ObjectRef
    sha256: str | None = None


def further(spec: ReleaseSpec) -> tuple[Named, ...]:
    """List the artifacts that a spec names besides the dropped one: each address once, in the order of the spec, with
    the checksum that any of its places expects."""
    found = dict[str, Named]()
    for each in _named(spec):
        known = found.setdefault(each.artifact, each)
        found[each.artifact] = replace(known, sha256=known.sha256 or each.sha256)
    return tuple(found.values())


def _named(spec: ReleaseSpec) -> Iterator[Named]:
    for index, variant in enumerate(spec.variants):
        if variant.artifact is not None:
            yield Named(variant.artifact, f"variants[{index}].artifact", variant.artifact_sha256)
    for place, serve in spec.served.items():
        yield from _named_in(serve, place)


def _named_in(serve: Serve, place: str) -> Iterator[Named]:
    for index, container in enumerate(serve.containers):
        if container.artifact is not None:
            yield Named(container.artifact, f"{place}.containers[{index}].artifact", container.artifact_sha256)


def served_as(spec: ReleaseSpec, artifact: str) -> Serve:
    """Say how an artifact is served: by the image and the environment of the first container of all that has it.

    Args:
        spec: that of its release.
        artifact: its address as the spec names it; empty for what was dropped.
    """
    served = [(variant.artifact or "", variant.serve) for variant in spec.variants] or [("", spec.serve)]
    for own, serve in served:
        for container in serve.all_containers:
            if (container.artifact or own) == artifact:
                return replace(serve, image=container.image or serve.image, environment=container.environment)
    return spec.serve


def pin(named: Named, ref: ObjectRef) -> dict[str, str]:
    """Write down in which version a further artifact was seen; the release is held to that."""
    seen = {"artifact": named.artifact, "bucket": ref.bucket, "key": ref.key, "version": ref.version}
    return {**seen, "sha256": named.sha256} if named.sha256 else seen


def pins_of(release: Release) -> dict[str, list[dict[str, str]]]:
    """Give the versions that a release is held to already, as facts: an earlier execution of it may have seen them."""
    held = release.fact(Phase.READ_RELEASE, "parts", [])
    return {"parts": held} if held else {}


def seen_in(facts: Mapping[str, Any]) -> dict[str, ObjectRef]:
    """Give the versions of further artifacts that Read the Release wrote down, by the addresses that the spec names."""
    return {pin["artifact"]: ObjectRef(pin["bucket"], pin["key"], pin["version"]) for pin in facts.get("parts", [])}


def parts_of(release: Release) -> tuple[Part, ...]:
    """List the artifacts of a release, the dropped one first; the others in the order of the spec.

    Raises:
        UnreadableError: the release has no artifact.
    """
    if release.artifact is None:
        raise UnreadableError(f"release {release.id} names no artifact")
    held = pins_of(release)
    sums = {each["artifact"]: each.get("sha256") for each in held.get("parts", [])}
    others = [Part(name, ref, sums[name]) for name, ref in seen_in(held).items()]
    return (Part("", release.artifact, release.wanted.artifact_sha256), *others)


def frozen_addresses(release: Release) -> dict[str, str]:
    """Give the address that each artifact of a verified release is served from, by that which the spec names.

    What was dropped has the empty name.
    """
    others = {str(part["artifact"]): str(part["frozen"]) for part in _verified(release)}
    return {"": str(release.fact(Phase.VERIFY_ARTIFACT, "frozen")), **others}


def digests_of(release: Release) -> list[str]:
    """List the digests of all artifacts of a release, that of the dropped one first; none before they are verified."""
    own = release.fact(Phase.VERIFY_ARTIFACT, "digest", "")
    return [own, *(str(part["digest"]) for part in _verified(release))] if own else []


def content_digest(release: Release) -> str:
    """Give one digest of all that a release serves, in hexadecimal digits: that of its artifact if it has one alone."""
    digests = digests_of(release)
    return hashlib.sha256("\n".join(digests).encode()).hexdigest() if digests[1:] else "".join(digests)


def _verified(release: Release) -> list[dict[str, str]]:
    return list(release.fact(Phase.VERIFY_ARTIFACT, "parts", []))

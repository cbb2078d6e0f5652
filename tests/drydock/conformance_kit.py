"""Writes, from botocore's service model alone, requests that break exactly one constraint each."""

import copy
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from drydock.sagemaker.wire.java_patterns import compiled

Path = tuple[str | int, ...]

_GOOD = (
    "a",
    "1",
    "/a",
    "ml.m5.large",
    "s3://bucket/key",
    "arn:aws:sagemaker:us-east-1:000000000000:model/m",
    "arn:aws:sagemaker:us-east-1:000000000000:model-package/p/1",
    "arn:aws:sagemaker:us-east-1:000000000000:hub-content/h/Model/m/1.0.0",
    "arn:aws:sagemaker:us-east-1:aws:hub-content/h/Model/m/1.0.0",
    "arn:aws:sagemaker:us-east-1:000000000000:algorithm/some-algorithm",
    "arn:aws:iam::000000000000:role/some-role",
    "arn:aws:sns:us-east-1:000000000000:topic",
    "arn:aws:ec2:us-east-1:000000000000:capacity-reservation/cr-1",
    "arn:aws:sagemaker:us-east-1:000000000000:training-plan/plan",
    "arn:aws:sagemaker:us-east-1:000000000000:pipeline/p/execution/e",
    "sha256:" + "0" * 64,
    "cr-00000000000000000",
    "us-east-1a",
    "0.1",
    "1.0.0",
    "a/b",
)
_BAD = ("!", "_", "\n", " ", "é\n", "::", "", "a\u0000b")


class Breach(NamedTuple):
    """One request and what AWS must say about it."""

    request: dict[str, Any]
    text: str


def sample(shape: Shape) -> Any:
    """Give a valid value with as little in it as possible."""
    if isinstance(shape, StructureShape):
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if isinstance(shape, ListShape):
        return [sample(shape.member) for _ in range(shape.metadata.get("min", 0))]
    if isinstance(shape, MapShape):
        return {sample(shape.key): sample(shape.value)}
    if isinstance(shape, StringShape):
        return shape.enum[0] if shape.enum else _text(shape)
    return {"boolean": True, "timestamp": 0}.get(shape.type_name, shape.metadata.get("min", 1))


def _text(shape: StringShape) -> str:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)
    wanted = shape.metadata.get("pattern", ".*")
    for text in _GOOD:
        if least <= len(text) <= most and compiled(wanted).fullmatch(text):
            return text
    raise AssertionError(f"no good text for {wanted}")


def breaches(shape: StructureShape) -> Iterator[Breach]:
    """Break every constraint of an operation's input, one a request."""
    for path, leaf in _leaves(shape, (), ()):
        base = sample(shape)
        _graft(shape, base, path)
        for bad, text in _violations(leaf):
            request = copy.deepcopy(base)
            _put(request, path, bad)
            yield Breach(request, f"at '{_named(path)}' failed to satisfy constraint: {text}")
    yield from _missing(shape)


def _missing(shape: StructureShape) -> Iterator[Breach]:
    for path, owner in [((), shape), *_structures(shape, (), ())]:
        for name in owner.required_members:
            request = sample(shape)
            _graft(shape, request, path)
            del _at(request, path)[name]
            yield Breach(
                request,
                f"Value null at '{_named((*path, name))}' failed to satisfy constraint: Member must not be null",
            )


def _leaves(shape: Shape, path: Path, above: tuple[str, ...]) -> Iterator[tuple[Path, Shape]]:
    if shape.name in above:
        return
    if path and not isinstance(shape, StructureShape):
        yield path, shape
    for step, inner in _inner(shape):
        yield from _leaves(inner, (*path, step), (*above, shape.name))


def _structures(shape: Shape, path: Path, above: tuple[str, ...]) -> Iterator[tuple[Path, StructureShape]]:
    if shape.name in above:
        return
    if path and isinstance(shape, StructureShape):
        yield path, shape
    for step, inner in _inner(shape):
        yield from _structures(inner, (*path, step), (*above, shape.name))


def _inner(shape: Shape) -> Iterator[tuple[str | int, Shape]]:
    if isinstance(shape, StructureShape):
        yield from shape.members.items()
    elif isinstance(shape, ListShape) and isinstance(shape.member, StructureShape):
        yield 0, shape.member


def _graft(shape: Shape, value: Any, path: Path) -> None:
    for step in path:
        inner = shape.member if isinstance(shape, ListShape) else shape.members[step]  # type: ignore[attr-defined]
        if isinstance(shape, ListShape):
            if not value:
                value.append(sample(inner))
        elif step not in value:
            value[step] = sample(inner)
        shape, value = inner, value[step]


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _put(request: dict[str, Any], path: Path, value: Any) -> None:
    _at(request, path[:-1])[path[-1]] = value


def _named(path: Path) -> str:
    parts = [f"{step + 1}.member" if isinstance(step, int) else step[:1].lower() + step[1:] for step in path]
    return ".".join(parts)


def _violations(shape: Shape) -> Iterator[tuple[Any, str]]:
    if isinstance(shape, ListShape):
        yield from _sizes(shape, lambda size: [sample(shape.member)] * size)
        for bad, _ in _plain(shape.member):
            yield [bad], "Member must satisfy constraint: [Member must "
    elif isinstance(shape, MapShape):
        yield from _sizes(shape, lambda size: {f"k{number}": sample(shape.value) for number in range(size)})
        for bad, _ in _plain(shape.key):
            yield {bad: sample(shape.value)}, "Map keys must satisfy constraint: [Member must "
        for bad, _ in _plain(shape.value):
            yield {sample(shape.key): bad}, "Map value must satisfy constraint: [Member must "
    else:
        yield from _plain(shape)


def _sizes(shape: Shape, make: Any) -> Iterator[tuple[Any, str]]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if least:
        yield make(least - 1), f"Member must have length greater than or equal to {least}"
    if most is not None:
        yield make(most + 1), f"Member must have length less than or equal to {most}"


def _plain(shape: Shape) -> Iterator[tuple[Any, str]]:
    if isinstance(shape, StringShape):
        if shape.enum:
            yield "Nonsense", re.sub(r"\s+", " ", f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        yield from _sizes(shape, lambda size: "a" * size)
        wanted = shape.metadata.get("pattern")
        bad = next((text for text in _BAD if wanted and not compiled(wanted).fullmatch(text)), None)
        if bad is not None:
            yield bad, f"Member must satisfy regular expression pattern: {wanted}"
    elif shape.type_name in ("integer", "long", "float", "double"):
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if least is not None:
            yield least - 1, f"Member must have value greater than or equal to {least}"
        if most is not None:
            yield most + 1, f"Member must have value less than or equal to {most}"

"""The state as JSON and back: what is written follows the dataclasses, so that a new field needs nothing here."""

import dataclasses
import enum
import types
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from typing import Any

from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.registry import Package, PackageGroup
from drydock.sagemaker.memory.resources import EndpointConfig, Model
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.rules import InvalidRulesError, Rules, read_rules

SCHEMA = 2
_PARTS = {"models": Model, "configs": EndpointConfig, "endpoints": Endpoint, "tags": dict[str, str]}
_REGISTRY = {"groups": PackageGroup, "packages": Package}
_ALL: dict[str, Any] = {**_PARTS, **_REGISTRY}


class ForeignMemoryError(Exception):
    """A document that this service cannot take over; the text says why."""


def written(state: State) -> Iterator[tuple[str, str, Any]]:
    """Write a state, a resource or a rule at a time: (part, key, document); who asks may do other things in between."""
    for part in _ALL:
        for key, resource in list(_part(state, part).items()):
            yield part, key, dataclasses.asdict(resource) if dataclasses.is_dataclass(resource) else dict(resource)  # type: ignore[arg-type]
    for name, value in state.rules.document().items():
        yield "rules", name, value


def header(state: State) -> dict[str, Any]:
    """Give what a memory says of itself."""
    return {"schema": SCHEMA, "account": state.place.account, "region": state.place.region}


def restore(state: State, document: Mapping[str, Any]) -> None:
    """Put a memory into a state that is still empty; no instance of it runs.

    Args:
        state: filled in place.
        document: `header`, and the parts by name.

    Raises:
        ForeignMemoryError: another schema, account or region wrote it, or one with other rules.
    """
    mine = header(state)
    if {name: document.get(name) for name in mine} != mine:
        raise ForeignMemoryError(f"The memory is not of {mine}.")
    try:
        state.rules = read_rules(document.get("rules", {}), Rules())
    except InvalidRulesError as error:
        raise ForeignMemoryError(str(error)) from error
    for part, kind in _ALL.items():
        _part(state, part).update({key: read(kind, item) for key, item in document.get(part, {}).items()})
    fleets = [fleet for endpoint in state.endpoints.values() for fleet in endpoint.fleets]
    for fleet in fleets:
        for variant in fleet.variants.values():
            variant.ready = 0
    numbers = [int(fleet.id.rpartition("-")[2]) for fleet in fleets]
    state.fleet_numbers = count(max(numbers, default=0) + 1)


def _part(state: State, name: str) -> dict[str, Any]:
    found: dict[str, Any] = getattr(state.registry if name in _REGISTRY else state, name)
    return found


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def read(kind: Any, value: Any) -> Any:
    """Turn plain JSON, as `dataclasses.asdict` gives it, into a value of a type."""
    if value is None or kind is Any:
        return value
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        known = {field.name for field in dataclasses.fields(kind)}
        return kind(**{name: read(_hints(kind)[name], item) for name, item in value.items() if name in known})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    return _read_generic(typing.get_origin(kind), typing.get_args(kind), value)


def _read_generic(origin: Any, inner: tuple[Any, ...], value: Any) -> Any:
    if origin is dict:
        return {key: read(inner[1], item) for key, item in value.items()}
    if origin is list:
        return [read(inner[0], item) for item in value]
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(read(kind, item) for kind, item in zip(kinds, value, strict=True))
    if origin in (types.UnionType, typing.Union):
        return read(next(kind for kind in inner if kind is not type(None)), value)
    return value

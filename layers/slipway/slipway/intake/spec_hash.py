"""Whether two releases want the same: the hash of what a spec says."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from slipway.release.parts import further
from slipway.release.spec import ReleaseSpec

NOT_SERVED = ("artifact", "artifact_sha256", "force")


def spec_hash(spec: ReleaseSpec) -> str:
    """Hash what a spec asks for beyond the defaults to 64 hexadecimal characters.

    A default is left out, so that a later version of Slipway with one more field hashes the same spec to the same.
    Where an artifact stood is left out, since its digest says what is served: of several only their order counts. So is
    by what right. A number counts the same whether it comes as 1 or as 1.0, since the ledger does not tell them apart.
    """
    numbers = {named.artifact: index for index, named in enumerate(further(spec), 1)}
    wanted = {name: value for name, value in _said(spec, numbers).items() if name not in NOT_SERVED}
    text = json.dumps(wanted, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _said(record: Any, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Give the fields of a record that are not what they would be if nobody had said anything.

    Args:
        record: one of the spec's.
        numbers: what stands for the address of each further artifact.
    """
    said = {}
    for each in fields(record):
        value, default = (_plain(found, numbers) for found in (getattr(record, each.name), _default(each)))
        if each.name == "artifact" and value in numbers:
            value = numbers[value]
        if value != default and each.name != "artifact_sha256":
            said[each.name] = value
    return said


def _default(each: "Field[Any]") -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


def _plain(value: Any, numbers: Mapping[str, int]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _said(value, numbers)
    if isinstance(value, dict):
        return {key: _plain(child, numbers) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child, numbers) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value

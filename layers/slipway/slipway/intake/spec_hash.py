"""Whether two releases want the same: the hash of what a spec says."""

import hashlib
import json
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from slipway.release.spec import ReleaseSpec

NOT_SERVED = ("artifact", "artifact_sha256", "force")


def spec_hash(spec: ReleaseSpec) -> str:
    """Hash what a spec asks for beyond the defaults to 64 hexadecimal characters.

    A default is left out, so that a later version of Slipway with one more field hashes the same spec to the same.
    Where the artifact stood is left out, since its digest says what is served, and so is by what right. A number counts
    the same whether it comes as 1 or as 1.0, since the ledger does not tell them apart.
    """
    wanted = {name: value for name, value in _said(spec).items() if name not in NOT_SERVED}
    text = json.dumps(wanted, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _said(record: Any) -> dict[str, Any]:
    """Give the fields of a record that are not what they would be if nobody had said anything."""
    values = {each.name: (_plain(getattr(record, each.name)), _plain(_default(each))) for each in fields(record)}
    return {name: value for name, (value, default) in values.items() if value != default}


def _default(each: "Field[Any]") -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _said(value)
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value

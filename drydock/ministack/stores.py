"""The stores of MiniStack's services as files, and back.

MiniStack 1.5.33 has a persistence of its own. What each service deems worth keeping is asked of it here; its files
are not used: a failure to write is a line in its log, objects of S3 are read from the disk on the event loop and lose
their locks, and metrics come back as what `drydock.ministack.datapoints` is not.
"""
# ruff: noqa: SLF001 - the stores are MiniStack's

import hashlib
import json
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import cloudwatch, lambda_svc, s3

from drydock.ministack.datapoints import Points

_LARGE = 4096
"""Bytes from which on a value is a file of its own, named by its hash: objects of S3, code of functions and layers."""
_BLOBS = "blobs"
_CODE = "functions"
_OBJECTS = (
    "_buckets", "_object_versions", "_object_tags", "_object_acl", "_object_annotations", "_object_retention",
    "_object_legal_hold",
)  # fmt: skip
"""Of S3, beyond what it deems worth keeping."""


def write(folder: Path) -> None:
    """Write every service that holds anything to a file in a folder."""
    (folder / _BLOBS).mkdir()
    lambda_svc.CODE_BLOB_DIR = str(folder / _CODE)
    for name, module in app._state_map.items():
        service = sys.modules.get(f"ministack.services.{module}")
        state: dict[str, Any] = (service.get_state() if service else None) or {}
        if not any(getattr(store, "_data", store) for store in state.values()):
            continue
        if service is s3:
            state["objects"] = {store: getattr(s3, store) for store in _OBJECTS}
        with (folder / f"{name}.json").open("w") as file:
            json.dump(state, file, default=partial(_encoded, folder / _BLOBS))


def read(folder: Path) -> None:
    """Fill the services, which are empty, with what `write` wrote."""
    lambda_svc.CODE_BLOB_DIR = str(folder / _CODE)
    for name, module in app._state_map.items():
        file = folder / f"{name}.json"
        if file.exists():
            state = json.loads(file.read_bytes(), object_hook=partial(_decoded, folder / _BLOBS))
            _fill(import_module(f"ministack.services.{module}"), state)


def _fill(service: ModuleType, state: dict[str, Any]) -> None:
    objects = state.pop("objects", {}) if service is s3 else {}
    service.load_persisted_state(state)
    for store, data in objects.items():
        getattr(s3, store)._data.update(data._data)
    if service is cloudwatch:
        cloudwatch._metrics._data.update({key: Points.of(each) for key, each in cloudwatch._metrics._data.items()})


def _encoded(blobs: Path, value: Any) -> Any:
    if isinstance(value, bytes) and len(value) >= _LARGE:
        name = hashlib.sha256(value).hexdigest()
        if not (blobs / name).exists():
            (blobs / name).write_bytes(value)
        return {"__blob__": name}
    return persistence._json_default(value)


def _decoded(blobs: Path, value: dict[str, Any]) -> Any:
    if "__blob__" in value:
        return (blobs / value["__blob__"]).read_bytes()
    return persistence._json_object_hook(value)

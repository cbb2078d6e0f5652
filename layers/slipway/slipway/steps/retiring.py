"""Retire what is out of the rollback window: configs, models and frozen bytes that no endpoint uses or may go back to.

SageMaker deletes a config or model that an endpoint still needs without a word (API_DeleteEndpointConfig), so every
endpoint of the region is looked at first, and nothing is retired while a release is under way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slipway.exchanges import Made
from slipway.record.retention import Line, Window, window
from slipway.release.naming import config_name, frozen_folder
from slipway.release.phases import Phase
from slipway.release.release import ObjectRef
from slipway.rollout.endpoint_config import data_address
from slipway.steps.work import Tools

LINES = 10_000
AT_ONCE = 1000
"""Objects that one listing names (API_ListObjectVersions)."""

_FROZEN = re.compile(r"/frozen/sha256/([0-9a-f]{64})/")


@dataclass
class InUse:
    """What must stay, by name."""

    configs: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    """Folders of frozen bytes."""


def retire(tools: Tools) -> dict[str, Any]:
    """Delete what is out of every endpoint's window; returns the releases that were retired."""
    names = tools.hosting.endpoint_names()
    windows = {name: _window(tools, name) for name in names}
    if not any(each.expired for each in windows.values()) or tools.ledger.open_releases():
        return {"retired": []}
    used = _in_use(tools, names)
    for endpoint, each in windows.items():
        _protect(tools, endpoint, each, used)
    lines = [(endpoint, line) for endpoint, each in windows.items() for line in each.expired]
    return {"retired": [line["release"] for endpoint, line in lines if _retire(tools, endpoint, line, used)]}


def _window(tools: Tools, endpoint: str) -> Window:
    lines = tools.ledger.history(endpoint, LINES)
    return window(lines, tools.ledger.live(endpoint), tools.settings.keep_releases)


def _in_use(tools: Tools, names: list[str]) -> InUse:
    """Look at the current and the pending config of every endpoint, ours or not, and at what these serve from."""
    used = InUse()
    for name in names:
        described = tools.hosting.describe_endpoint(name) or {}
        pending = described.get("PendingDeploymentSummary") or {}
        used.configs |= {each["EndpointConfigName"] for each in (described, pending) if each.get("EndpointConfigName")}
    for config in used.configs:
        described = tools.hosting.describe_config(config) or {}
        used.models |= {variant.get("ModelName", "") for variant in described.get("ProductionVariants", [])}
    for model in used.models - {""}:
        used.frozen |= set(_frozen_of(tools.hosting.describe_model(model) or {}))
    return used


def _frozen_of(model: dict[str, Any]) -> Iterator[str]:
    for container in [model.get("PrimaryContainer", {}), *model.get("Containers", [])]:
        if found := _FROZEN.search(data_address(container)):
            yield frozen_folder(found[1])


def _protect(tools: Tools, endpoint: str, each: Window, used: InUse) -> None:
    """Add what an endpoint may be rolled back to."""
    for line in each.kept:
        used.configs.add(config_name(endpoint, line["release"]))
        used.models.add(_model_of(tools, line))
        used.frozen.add(frozen_folder(line.get("digest", "")))


def _retire(tools: Tools, endpoint: str, line: Line, used: InUse) -> bool:
    """Delete what one release made and nothing uses; False while something of it is left."""
    release = tools.ledger.release(line["release"])
    config, model = config_name(endpoint, release.id), _model_of(tools, line)
    folder = frozen_folder(line["digest"]) if line.get("digest") else ""
    held = {config, model, folder} & (used.configs | used.models | used.frozen) - {""}
    refused = config not in held and tools.hosting.delete_config(config).made is Made.REFUSED
    if release.fact(Phase.CREATE_MODEL, "made") and model not in held:
        refused |= tools.hosting.delete_model(model).made is Made.REFUSED
    if folder and folder not in held:
        _delete(tools, folder)
    if held or refused:
        return False
    tools.ledger.retire(line)
    return True


def _delete(tools: Tools, folder: str) -> None:
    """Delete frozen bytes, which are one archive or many files; their versions stay for the lifecycle to take."""
    bucket = tools.settings.artifact_bucket
    while listed := tools.artifacts.under(bucket, folder, AT_ONCE):
        for facts in listed:
            tools.artifacts.delete(ObjectRef(bucket, facts.ref.key))


def _model_of(tools: Tools, line: Line) -> str:
    return str(tools.ledger.release(line["release"]).fact(Phase.CREATE_MODEL, "model", ""))

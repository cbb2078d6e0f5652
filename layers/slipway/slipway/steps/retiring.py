"""Retire what is out of the rollback window: configs, models and frozen bytes that no endpoint uses or may go back to.

SageMaker deletes a config or model that an endpoint still needs without a word (API_DeleteEndpointConfig), so every
endpoint of the region is looked at first, and nothing is retired while a release is under way or begins.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slipway.exchanges import Item, Made
from slipway.record.endpoint_items import models_in
from slipway.record.retention import Line, Window, window
from slipway.release.naming import frozen_folder
from slipway.release.phases import Phase
from slipway.release.release import ObjectRef
from slipway.rollout.model_containers import containers_in, data_address
from slipway.steps.past import EVER
from slipway.steps.tidy import may_have_made
from slipway.steps.work import Tools

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
    kept: set[str] = field(default_factory=set)
    """Those among them of releases that are kept: each is deleted with the last of these, and holds up nothing else."""


def retire(tools: Tools) -> dict[str, Any]:
    """Delete what is out of every endpoint's window; returns the releases that were retired."""
    histories = {name: tools.ledger.history(name, EVER) for name in tools.ledger.endpoints()}
    windows = {name: _window(tools, name, lines) for name, lines in histories.items()}
    if not any(each.expired for each in windows.values()) or tools.ledger.open_releases():
        return {"retired": []}
    used = _in_use(tools)
    for each in windows.values():
        _protect(each, used)
    lines = [line for each in windows.values() for line in each.expired]
    over = {line["release"] for history in histories.values() for line in history}
    return {"retired": [line["release"] for line in lines if _retire(tools, line, used, over)]}


def _window(tools: Tools, endpoint: str, lines: list[Item]) -> Window:
    live = tools.ledger.live(endpoint)
    spec = tools.ledger.release(live.release).spec if live else None
    return window(lines, live, (spec.retention.keep_releases if spec else None) or tools.settings.keep_releases)


def _in_use(tools: Tools) -> InUse:
    """Look at the current and the pending config of every endpoint, ours or not, and at what these serve from."""
    used = InUse()
    for name in tools.hosting.endpoint_names():
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
    for container in containers_in(model):
        if found := _FROZEN.search(data_address(container)):
            yield frozen_folder(found[1])


def _protect(each: Window, used: InUse) -> None:
    """Add what an endpoint may be rolled back to."""
    for line in each.kept:
        used.configs.add(line["config"])
        used.models |= models_in(line)
        used.kept |= _folders(line)
    used.frozen |= used.kept


def _retire(tools: Tools, line: Line, used: InUse, over: set[str]) -> bool:
    """Delete what one release made, unless another one has begun since that may count on it.

    A release marks its bytes as used before it looks whether they are being retired; here they are marked first and
    looked at then. So one of the two sees the other, and who began in between loses neither its bytes nor its model,
    which is named by them.
    """
    if tools.ledger.open_releases():
        return False
    custody, begun, gone = tools.ledger.custody, list[str](), False
    try:
        for digest in _digests(line):
            users = custody.begin_retiring(digest)
            if users is None:
                return False
            begun.append(digest)
            if not users <= over:
                return False
        gone = _delete_all(tools, line, used)
    finally:
        for digest in begun:
            custody.end_retiring(digest, line["release"] if gone else "")
    return gone


def _delete_all(tools: Tools, line: Line, used: InUse) -> bool:
    """Delete what one release made and nothing uses; False while something of it is left.

    What its close removed is looked for first: the role may delete what carries Slipway's tag, and what is not there
    carries none, so that IAM would refuse.
    """
    release = tools.ledger.release(line["release"])
    config, models = str(release.intent(Phase.CREATE_CONFIG, "config", "")), may_have_made(release)
    folders = _folders(line) - used.kept
    held = {config, *models, *folders} & (used.configs | used.models | used.frozen) - {""}
    refused, hosting = False, tools.hosting
    if config and config not in held and hosting.describe_config(config) is not None:
        refused |= hosting.delete_config(config).made is Made.REFUSED
    for model in models - held:
        refused |= hosting.describe_model(model) is not None and hosting.delete_model(model).made is Made.REFUSED
    for folder in sorted(folders - held):
        _delete(tools, folder)
    if held or refused:
        return False
    tools.ledger.retire(line)
    return True


def _digests(line: Line) -> list[str]:
    """List the digests of all artifacts of a release; a line of the history may be older than further artifacts are."""
    own = line.get("digest", "")
    return sorted({own, *line.get("parts", [])}) if own else []


def _folders(line: Line) -> set[str]:
    return {frozen_folder(digest) for digest in _digests(line)}


def _delete(tools: Tools, folder: str) -> None:
    """Delete frozen bytes, which are one archive or many files; their versions stay for the lifecycle to take."""
    bucket = tools.settings.artifact_bucket
    while listed := tools.artifacts.under(bucket, folder, AT_ONCE):
        for facts in listed:
            tools.artifacts.delete(ObjectRef(bucket, facts.ref.key))

"""How scenarios ask for a rollout, and count what it takes."""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from slipway.release.release import ObjectRef, Release
from tests.scenarios.person import Person

NEVER = 1_000_000_000
"""The call at which a fault strikes that shall only count calls."""

CONTROL_PLANE = [
    *("CreateModel", "DescribeModel", "CreateEndpointConfig", "DescribeEndpointConfig", "DeleteEndpointConfig"),
    *("CreateEndpoint", "DescribeEndpoint", "UpdateEndpoint", "DeleteEndpoint", "DeleteModel", "AddTags"),
]
WAITS = ("Wait for a Turn", "Wait for InService", "Watch the Alarms", "Wait for the Rollback")


def drop_with(
    person: Person, example: str, endpoint: str, version: str, asked_by: str = "", **wishes: Any
) -> ObjectRef:
    """Drop an example whose own spec is changed, section by section."""
    folder = person.examples[example]
    spec = yaml.safe_load((folder / "release.yaml").read_text())
    for name, wish in wishes.items():
        spec[name] = {**spec.get(name, {}), **wish} if isinstance(wish, dict) else wish
    person.upload(f"models/{endpoint}/{version}/release.yaml", json.dumps(spec).encode())
    return person.upload(f"models/{endpoint}/{version}/model.tar.gz", (folder / "model.tar.gz").read_bytes(), asked_by)


def transitions(person: Person, release: Release) -> tuple[int, int]:
    """Count the state transitions of a release's execution, and how often a wait looked again."""
    states = Counter(person.states(release.execution))
    return sum(states.values()), sum(states[name] - 1 for name in WAITS if states[name])


@contextmanager
def counting_calls(person: Person) -> Iterator[Counter[str]]:
    """Count the calls that reach SageMaker's control plane, by operation; filled in at the end."""
    door = f"{person.url}/_drydock/faults"
    counters = {_http("POST", door, {"kind": "delay", "operation": name, "nth": NEVER})["id"] for name in CONTROL_PLANE}
    counted: Counter[str] = Counter()
    try:
        yield counted
    finally:
        planned = [fault for fault in _http("GET", door)["faults"] if fault["id"] in counters]
        counted.update({fault["operation"]: fault["chances"] for fault in planned if fault["chances"]})
        for identifier in counters:
            _http("DELETE", f"{door}?id={identifier}")


@contextmanager
def maintained(person: Person, endpoint: str) -> Iterator[None]:
    """Let SageMaker maintain an endpoint meanwhile."""
    door = f"{person.url}/_drydock/faults"
    fault = _http("POST", door, {"kind": "system_update", "endpoint": endpoint, "seconds": 0})["id"]
    try:
        yield
    finally:
        _http("DELETE", f"{door}?id={fault}")


def _http(method: str, url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - the local cloud's own door
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())

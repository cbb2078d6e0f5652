"""The whole local cloud with Slipway deployed by the real SAM, and a person who drops models into it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock import cloud
from examples.train import build_all
from tests.scenarios.person import Person

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    port = free_port()
    state = ROOT / ".slipway" / f"scenarios-{port}"
    running = cloud.up(ROOT, port=port, scale=60, state=state)
    try:
        outputs = cloud.deploy(running)
        cloud.warm(running)
        yield Person(running.endpoint, outputs, build_all(tmp_path_factory.mktemp("examples")))
    finally:
        cloud.down(state)

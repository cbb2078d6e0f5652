"""One local cloud for all conformance tests of this folder."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from ministack_kit import Kit

from drydock import cloud

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory, free_port: int) -> Iterator[Kit]:
    """A local cloud at scale 60: a minute of AWS is a second."""
    state = tmp_path_factory.mktemp("cloud")
    yield Kit(cloud.up(ROOT, port=free_port, scale=60, state=state))
    cloud.down(state)

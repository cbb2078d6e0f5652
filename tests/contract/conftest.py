"""SageMaker and CloudWatch for the contracts: the local cloud, with nothing deployed to it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock import cloud

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def drydock_endpoint_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    state = tmp_path_factory.mktemp("drydock")
    yield cloud.up(ROOT, port=port, scale=240, provisioning_seconds=240, state=state).endpoint
    cloud.down(state)

"""A local cloud of its own for everything that goes wrong on purpose."""

import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from drydock import cloud
from tests.faults.attacker import Attacker

ROOT = Path(__file__).parents[2]
NUMBERS = count(1)


@pytest.fixture(scope="session")
def cloud_with_attacker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacker]:
    from examples.train import build_all  # only here: it loads scikit-learn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    state = ROOT / ".slipway" / f"faults-{port}"
    running = cloud.up(ROOT, port=port, scale=60, state=state)
    try:
        outputs = cloud.deploy(running)
        cloud.warm(running)
        yield Attacker(running.endpoint, outputs, build_all(tmp_path_factory.mktemp("examples")), state)
    finally:
        cloud.down(state)


@pytest.fixture
def attacker(cloud_with_attacker: Attacker) -> Iterator[Attacker]:
    """Whatever a test breaks is healed after it."""
    yield cloud_with_attacker
    cloud_with_attacker.heal()


@pytest.fixture
def endpoint() -> str:
    """A name that no other test uses."""
    return f"churn-{next(NUMBERS)}"

"""The whole local cloud with Slipway deployed by the real SAM, and a person who drops models into it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock import cloud
from tests.scenarios.one_story import assert_one_story
from tests.scenarios.person import Person

POLICY = "/slipway/policy"
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def one_story(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test released, its story is told alike wherever one asks."""
    yield
    if "person" in request.fixturenames:
        person: Person = request.getfixturevalue("person")
        while person.released:
            assert_one_story(person, person.ledger.release(person.released.pop()))


@pytest.fixture(scope="session")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    from examples.train import build_all  # only here: it loads scikit-learn

    port = free_port()
    state = ROOT / ".slipway" / f"scenarios-{port}"
    running = cloud.up(ROOT, port=port, scale=60, state=state)
    try:
        document = json.dumps({"schema": 1, "environment": {"never": ["NEVER_HERE"]}})
        cloud.client(running, "ssm").put_parameter(Name=POLICY, Value=document, Type="String")
        made = cloud.client(running, "kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        key = made["KeyMetadata"]["Arn"]
        outputs = cloud.deploy(running, parameters={"PolicyParameter": POLICY, "SigningKeys": key})
        cloud.warm(running)
        yield Person(running.endpoint, {**outputs, "SigningKey": key}, build_all(tmp_path_factory.mktemp("examples")))
    finally:
        cloud.down(state)

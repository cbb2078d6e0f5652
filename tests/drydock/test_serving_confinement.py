"""What a container sees of the machine: its own model at /opt/ml/model, and no network where none is wanted."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.sagemaker.serving import birth, confinement
from drydock.sagemaker.serving.orders import Fork
from examples.packing import pack
from tests.drydock.serving_house import House, handlers

READS = b"""
import os
WEIGHTS = open("/opt/ml/model/weights.txt").read()

def model_fn(model_dir):
    return model_dir

def transform_fn(model, data, content_type, accept):
    try:
        open("/opt/ml/model/more.txt", "w")
    except OSError as error:
        return [model, WEIGHTS, error.strerror, sorted(os.listdir("/opt")), os.environ["SM_MODEL_DIR"]]
"""
CONNECTS = """
    try:
        with socket.create_connection(("127.0.0.1", int(data)), 2):
            return "connected"
    except OSError as error:
        return error.strerror
"""
LOOPS = """
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), 2):
            return "connected"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    if made.ask(made.start(handlers(transform="return os.environ['SM_MODEL_DIR']")), "x")[1] != "/opt/ml/model":
        made.close()
        pytest.skip("this system allows no mount namespace")
    yield made
    made.close()


def test_code_that_reads_opt_ml_model_literally_works_and_cannot_write_there(house: House) -> None:
    instance = house.start(pack({"code/inference.py": READS, "weights.txt": b"0.5"}))
    folder, weights, refusal, opt, variable = json.loads(house.ask(instance, "x")[1])
    assert (folder, variable, weights, refusal) == ("/opt/ml/model", "/opt/ml/model", "0.5", "Read-only file system")
    assert set(opt) == {*(path.name for path in Path("/opt").iterdir()), "ml"}


def test_each_container_sees_its_own_model_and_this_machine_none(house: House) -> None:
    first, second = (house.start(pack({"code/inference.py": READS, "weights.txt": each})) for each in (b"1", b"2"))
    seen = [json.loads(house.ask(instance, "x")[1])[1] for instance in (first, second, first)]
    assert seen == ["1", "2", "1"]
    assert not Path("/opt/ml/model/weights.txt").exists()


def test_a_container_reaches_the_network_unless_it_is_isolated(house: House) -> None:
    archive = handlers(transform=CONNECTS, imports="import socket")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert house.ask(house.start(archive), port)[1] == "connected"
        assert house.ask(house.start(archive, isolated=True), port)[1] == "Connection refused"


def test_an_isolated_container_has_a_loopback_of_its_own(house: House) -> None:
    instance = house.start(handlers(transform=LOOPS, imports="import socket"), isolated=True)
    assert house.ask(instance, "x") == (200, "connected")


def test_without_namespaces_the_container_is_told_where_its_model_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(confinement, "OPT", tmp_path / "missing")
    obstacle = confinement.make_room(tmp_path)
    assert birth._confine(Fork(str(tmp_path), str(tmp_path), {}), obstacle) == tmp_path
    assert "the model is in SM_MODEL_DIR, not in /opt/ml/model" in capfd.readouterr().err


def test_isolation_that_the_system_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(confinement.sys, "platform", "darwin")
    birth._confine(Fork(str(tmp_path), str(tmp_path), {}, isolated=True), "no namespaces")
    assert "network isolation is not possible here" in capfd.readouterr().err

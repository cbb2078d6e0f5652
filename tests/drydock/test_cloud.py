"""The local cloud as a program: up, deploy, warm, down, and what it leaves behind (nothing)."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from ministack_kit import Kit, eventually, zipped

from drydock import cloud
from drydock.cloud import Cloud, CloudError, processes
from drydock.cloud.deployment import client
from drydock.cloud.folder import Folder

pytestmark = pytest.mark.cloud

ROOT = Path(__file__).parents[2]
TINY = Path(__file__).parent / "tiny_stack"
TELLS_ITS_PID = (TINY / "function" / "app.py").read_text()


def free_port_now() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> int:
    return free_port_now()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    cloud.down(folder)


@pytest.fixture
def running(port: int, state: Path) -> Cloud:
    """A cloud of the test's own, which it may harm."""
    assert cloud.running(state) is None
    return cloud.up(ROOT, port=port, state=state)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud that no test harms."""
    state = tmp_path_factory.mktemp("shared") / "state"
    yield cloud.up(ROOT, port=free_port_now(), state=state)
    cloud.down(state)


def gone(pid: int) -> bool:
    return not processes.is_alive(pid)


def worker_of(running: Cloud, function: str) -> int:
    answer = client(running, "lambda").invoke(FunctionName=function, Payload=b"{}")
    return int(json.loads(answer["Payload"].read())["pid"])


def test_up_is_harmless_when_it_runs_already(shared: Cloud) -> None:
    assert cloud.up(ROOT, port=shared.port, state=Path(shared.state)) == shared
    with pytest.raises(CloudError, match="other settings"):
        cloud.up(ROOT, port=shared.port, state=Path(shared.state), scale=1)


def test_a_port_that_is_taken_is_said_so(port: int, state: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(CloudError, match=rf"Port {port} is in use.*SLIPWAY_PORT"):
            cloud.up(ROOT, port=port, state=state)


def test_a_cloud_that_cannot_start_says_why(port: int, state: Path) -> None:
    state.mkdir()
    (state / "tmp").write_text("in the way")
    with pytest.raises(CloudError, match=r"did not come up(.|\n)*FileExistsError"):
        cloud.up(ROOT, port=port, state=state)


def test_time_does_not_stand_still(port: int, state: Path) -> None:
    with pytest.raises(CloudError, match="scale"):
        cloud.up(ROOT, port=port, state=state, scale=0)


def test_only_one_cloud_runs_in_a_folder(shared: Cloud) -> None:
    with pytest.raises(CloudError, match="runs already"), Folder(Path(shared.state)).occupied():
        pass


def test_it_listens_on_the_loopback_only(shared: Cloud) -> None:
    with socket.socket() as probe:
        probe.settimeout(1)
        assert probe.connect_ex(("127.0.0.1", shared.port)) == 0
    with socket.socket() as same_port_elsewhere:
        same_port_elsewhere.bind(("127.0.0.2", shared.port))


def test_a_stack_is_deployed_warmed_and_taken_down_with_all_that_ran(running: Cloud, state: Path) -> None:
    said: list[str] = []
    outputs = cloud.deploy(running, TINY, stack="tiny", say=said.append)
    cloud.warm(running, stack="tiny", say=said.append)
    assert cloud.deploy(running, TINY, stack="tiny", say=said.append) == outputs
    deployed = "The stack is deployed as it is in this folder"
    assert said == ["Building the stack", "Deploying the stack", "Starting the functions", deployed]
    (alarm,) = client(running, "cloudwatch").describe_alarms(AlarmNames=[outputs["AlarmName"]])["MetricAlarms"]
    assert [query["Id"] for query in alarm["Metrics"]] == ["rate", "calls", "errors"]
    worker = worker_of(running, outputs["FunctionName"])
    client(running, "lambda").update_function_code(
        FunctionName=outputs["FunctionName"], ZipFile=zipped("app.py", "raise ImportError('no such wheel')")
    )
    with pytest.raises(CloudError, match=r"do not start(.|\n)*no such wheel"):
        cloud.warm(running, stack="tiny")
    assert cloud.down(state)
    assert gone(worker)
    assert gone(running.pid)
    assert not state.exists()
    assert cloud.running(state) is None
    assert not cloud.down(state)


def test_a_crash_leaves_nothing_once_it_is_down(running: Cloud, port: int, state: Path) -> None:
    worker = worker_of(running, Kit(running).function(TELLS_ITS_PID))
    os.kill(running.pid, signal.SIGKILL)
    eventually(lambda: gone(running.pid))
    assert cloud.running(state) is None
    assert not cloud.down(state)
    assert not state.exists()
    eventually(lambda: gone(worker))
    assert cloud.up(ROOT, port=port, state=state).pid != running.pid


def test_a_template_that_does_not_deploy_is_said_so(shared: Cloud, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {Broken: {Type: 'AWS::Nowhere::Nothing'}}")
    shutil.copy(TINY / "samconfig.toml", tmp_path)
    with pytest.raises(CloudError, match=r"sam deploy failed(.|\n)*AWS::Nowhere"):
        cloud.deploy(shared, tmp_path, stack="broken")

"""`slipway up` and `down`, and where a command looks, on a local cloud that is only pretended."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from drydock import cloud as drydock_cloud
from drydock.cloud import Cloud, CloudError
from slipway_cli import checkout, place
from slipway_cli.app import app
from slipway_cli.commands import local
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.place import Place, open_desk

OUTPUTS = {"ArtifactBucketName": "the-bucket", "LedgerTableName": "the-ledger"}


class Pretended:
    """Remembers what was asked of it; `running` is the cloud that runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.now_running: Cloud | None = None
        self.failing = ""
        for name in ("up", "deploy", "warm", "down", "running"):
            monkeypatch.setattr(drydock_cloud, name, getattr(self, name))

    def up(self, root: Path, port: int, scale: float, provisioning: float, state: Path, say: Any, keep: bool) -> Cloud:
        self._note("up")
        self.now_running = Cloud(port, 1, str(root), str(state), scale, provisioning, keep)
        return self.now_running

    def deploy(self, cloud: Cloud, say: Any) -> dict[str, str]:
        self._note("deploy")
        return OUTPUTS

    def warm(self, cloud: Cloud, say: Any) -> None:
        self._note("warm")

    def down(self, state: Path, say: Any, forget: bool = False) -> bool:
        self.calls.append("down --forget" if forget else "down")
        if self.failing == "down":
            raise CloudError("down failed")
        was, self.now_running = self.now_running, None
        return was is not None

    def running(self, state: Path) -> Cloud | None:
        return self.now_running

    def _note(self, name: str) -> None:
        self.calls.append(name)
        if name == self.failing:
            raise CloudError(f"{name} failed")


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv(checkout.STATE_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    return Pretended(monkeypatch)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"})


def a_cloud(state: Path) -> Cloud:
    return Cloud(4599, 1, "/somewhere", str(state), 60, 0)


def test_up_leaves_a_deployed_and_warm_cloud(pretended: Pretended) -> None:
    result = run("up", "--detach", "--port", "4599")
    assert result.exit_code == 0
    assert pretended.calls == ["up", "deploy", "warm"]
    assert "aws --endpoint-url http://127.0.0.1:4599 s3 cp model.tar.gz s3://the-bucket/models/" in result.stdout


@pytest.mark.parametrize("failing", ["up", "deploy", "warm"])
def test_what_comes_up_only_half_is_taken_down(pretended: Pretended, failing: str) -> None:
    pretended.failing = failing
    result = run("up", "--detach")
    assert result.exit_code == 1
    assert pretended.calls[-1] == "down"
    assert f"Why: {failing} failed" in result.stderr


def test_a_first_start_that_fails_is_not_kept(pretended: Pretended, own_state: Path) -> None:
    pretended.failing = "deploy"
    assert run("up", "--detach", "--keep").exit_code == 1
    assert pretended.calls[-1] == "down --forget"
    (own_state / "kept").mkdir()
    (own_state / "kept" / "kept.json").write_text('{"pid": 1}')
    assert run("up", "--detach", "--keep").exit_code == 1
    assert pretended.calls[-1] == "down"


def test_down_keeps_unless_it_is_to_forget(pretended: Pretended) -> None:
    assert run("up", "--detach", "--keep").exit_code == 0
    assert pretended.now_running
    assert pretended.now_running.keep
    run("down")
    run("down", "--forget")
    assert pretended.calls[-2:] == ["down", "down --forget"]


def test_what_could_not_be_kept_is_told(pretended: Pretended) -> None:
    pretended.failing = "down"
    result = run("down")
    assert (result.exit_code, "Why: down failed" in result.stderr) == (1, True)


@pytest.mark.parametrize("options", [(), ("--detach",)])
def test_a_cloud_that_ran_before_survives_a_failing_up(
    pretended: Pretended, own_state: Path, options: tuple[str, ...]
) -> None:
    pretended.now_running, pretended.failing = a_cloud(own_state), "up"
    assert run("up", *options).exit_code == 1
    assert "down" not in pretended.calls


def test_an_attached_cloud_goes_down_on_ctrl_c(pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("slipway_cli.commands.local.time.sleep", interrupt)
    assert run("up").exit_code == 130
    assert pretended.calls == ["up", "deploy", "warm", "down"]


def test_an_attached_cloud_that_ends_by_itself_is_told(pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slipway_cli.commands.local.time.sleep", lambda _: pretended.down(Path(), None))
    result = run("up")
    assert result.exit_code == 1
    assert "ended by itself" in result.stderr


def test_without_its_extra_up_says_what_to_install(pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "NEEDED", ("ministack", "not_a_package"))
    result = run("up")
    assert (result.exit_code, pretended.calls) == (2, [])
    assert "not_a_package is not installed" in result.stderr


def test_down_says_whether_there_was_something_to_stop(pretended: Pretended, own_state: Path) -> None:
    assert "No local cloud was running." in run("down").stdout
    pretended.now_running = a_cloud(own_state)
    assert "The local cloud is down." in run("down").stdout


def test_commands_look_at_the_local_cloud_if_it_runs(pretended: Pretended, own_state: Path) -> None:
    pretended.now_running = a_cloud(own_state)
    (own_state / "cloud.json").touch()
    assert open_desk(None, "slipway").place == "local cloud, http://127.0.0.1:4599"
    assert open_desk(Place.AWS, "slipway").place == "AWS, us-east-1, stack slipway"


def test_commands_look_at_aws_if_it_does_not(pretended: Pretended) -> None:
    assert open_desk(None, "slipway-dev").place == "AWS, us-east-1, stack slipway-dev"


def test_a_local_cloud_that_does_not_run_cannot_be_asked(pretended: Pretended) -> None:
    with pytest.raises(CommandError, match="slipway up --detach") as refused:
        open_desk(Place.LOCAL, "slipway")
    assert refused.value.code is ExitCode.NOT_FOUND


def test_outside_of_a_checkout_there_is_no_local_cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkout, "__file__", str(tmp_path / "a" / "b" / "checkout.py"))
    monkeypatch.setattr(place, "find_root", checkout.find_root)
    assert open_desk(None, "slipway").place.startswith("AWS")
    assert run("down").exit_code == 2


def test_the_checkout_is_found_from_any_folder_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    root = checkout.demand_root()
    monkeypatch.chdir(root / "docs")
    assert checkout.demand_root() == root


def test_up_and_down_give_programs_one_document(pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slipway_cli.commands.local.time.sleep", lambda _: pretended.down(Path(), None))
    told = json.loads(run("up", "--json").stdout)
    assert (told["endpoint_url"], told["outputs"]) == ("http://127.0.0.1:4566", OUTPUTS)
    assert json.loads(run("down", "--json").stdout) == {"stopped": False}
    pretended.failing = "up"
    assert json.loads(run("up", "--json").stdout)["error"]["why"] == "up failed"

"""`slipway plan` says what a release would be, and changes nothing."""

import json
from pathlib import Path

import pytest

from slipway.release.release import Kind, Live, Release
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.settings import Settings
from tests.fakes.tools import ENVIRONMENT
from tests.unit.cli_kit import BUCKET, ENDPOINT, FakeDesk, data, run
from tests.unit.hostile_archives import packed

OWN = f"models/{ENDPOINT}/release.yaml"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_the_whole_spec_is_shown_with_the_layer_of_each_value(desk: FakeDesk, tmp_path: Path) -> None:
    desk.artifacts.drop(BUCKET, OWN, b"serve: {instance_type: ml.c5.large, instance_count: 2}\n")
    spec = written(tmp_path, "release.yaml", b"serve: {instance_count: 3}\n")
    result = run(desk, "plan", ENDPOINT, "--spec", spec, "--json")
    values = {each["key"]: (each["value"], each["from"]) for each in data(result)["values"]}
    assert result.exit_code == 0
    assert values["serve.image"] == ("an-image:1", "stack defaults")
    assert values["serve.instance_type"] == ("ml.c5.large", f"s3://{BUCKET}/{OWN}")
    assert values["serve.instance_count"] == (3, spec)
    assert values["rollout.strategy"] == ("all_at_once", "Slipway's default")
    assert not desk.bucket.uploads
    assert not desk.requests


def test_further_artifacts_have_to_be_there(desk: FakeDesk, tmp_path: Path) -> None:
    containers = [{"name": "a"}, {"name": "b", "artifact": "models/churn/parts/b.tar.gz"}]
    spec = written(tmp_path, "release.json", json.dumps({"serve": {"containers": containers}}).encode())
    result = run(desk, "plan", ENDPOINT, "--spec", spec)
    assert result.exit_code == 3
    assert "ARTIFACT_ABSENT serve.containers[1].artifact" in result.stderr
    desk.artifacts.drop(BUCKET, "models/churn/parts/b.tar.gz", b"any")
    assert run(desk, "plan", ENDPOINT, "--spec", spec).exit_code == 0


def test_what_would_change_is_shown_beside_what_is_live(desk: FakeDesk) -> None:
    spec = ReleaseSpec(endpoint=ENDPOINT, serve=Serve(image="an-image:0"))
    desk.ledger.open(Release("r1", Kind.RELEASE, ENDPOINT, "e", "o", "t", spec=spec))
    desk.ledger.move_live(None, Live(ENDPOINT, "r1", "c", "m", "d", "h"))
    line = next(line for line in run(desk, "plan", ENDPOINT).stdout.splitlines() if "serve.image" in line)
    assert "an-image:1" in line
    assert "an-image:0" in line


def test_what_would_be_refused_is_told_with_its_rule(desk: FakeDesk, tmp_path: Path) -> None:
    desk.settings = Settings(ENVIRONMENT | {"SLIPWAY_MAX_INSTANCES": "2"})
    spec = written(tmp_path, "release.json", json.dumps({"serve": {"instance_count": 3}}).encode())
    result = run(desk, "plan", ENDPOINT, "--spec", spec)
    assert result.exit_code == 3
    assert "POLICY_INSTANCE_COUNT serve.instance_count" in result.stderr
    assert "MaxInstances" in result.stderr


def test_a_wrong_spec_is_told_with_every_finding(desk: FakeDesk, tmp_path: Path) -> None:
    desk.artifacts.drop(BUCKET, OWN, b"artifact: x\n")
    result = run(desk, "plan", ENDPOINT, "--spec", written(tmp_path, "release.yaml", b"ownr: me\n"), "--json")
    assert result.exit_code == 3
    assert [each["code"] for each in data(result)["findings"]] == ["SPEC_OF_ONE_RELEASE", "SPEC_UNKNOWN_KEY"]


def test_a_model_is_verified_without_an_upload(desk: FakeDesk, tmp_path: Path) -> None:
    good = packed({"model.joblib": b"x", "smoke/a.json": b'{"json": 1}'})
    result = run(desk, "plan", ENDPOINT, "--model", written(tmp_path, "model.tar.gz", good), "--json")
    assert result.exit_code == 0
    artifact = data(result)["artifact"]
    assert (artifact["frameworks"], artifact["smoke"]) == (["scikit-learn"], ["a"])
    desk.settings = Settings(ENVIRONMENT | {"SLIPWAY_PICKLES": "refuse"})
    refused = run(desk, "plan", ENDPOINT, "--model", written(tmp_path, "model.tar.gz", good))
    assert "POLICY_PICKLE model.joblib" in refused.stderr
    bad = run(desk, "plan", ENDPOINT, "--model", written(tmp_path, "bad.tar.gz", b"hello"))
    assert bad.exit_code == 3
    assert "ARCHIVE_NOT_GZIP" in bad.stderr


def test_a_file_that_is_not_there_is_a_mistake_of_usage(desk: FakeDesk) -> None:
    assert run(desk, "plan", ENDPOINT, "--spec", "nowhere.yaml").exit_code == 2


def test_nothing_of_a_plan_stands_in_the_ledger(desk: FakeDesk) -> None:
    run(desk, "plan", ENDPOINT)
    assert not desk.ledger.open_releases()

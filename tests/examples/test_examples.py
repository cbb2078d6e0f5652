"""The examples are what they say: two good models, and each bad one bad in exactly one way.

What loads scikit-learn is imported where it is used: else each process that collects these tests would load it.
"""

import importlib.util
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from slipway.release.smoke_spec import Expect, SmokeCase
from slipway.release.spec import Rollout, Watch

SERVING = ("good", "better", "wrong-answers", "failing-under-traffic")


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from examples.train import build_all

    return build_all(tmp_path_factory.mktemp("examples"))


class Example:
    """What is in an example's folder, its handlers imported from the archive."""

    def __init__(self, folder: Path) -> None:
        import joblib

        self.spec: dict[str, Any] = yaml.safe_load((folder / "release.yaml").read_text())
        self.traffic: dict[str, Any] = json.loads((folder / "traffic.json").read_text())
        with tarfile.open(folder / "model.tar.gz") as tar:
            self.members = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
        source = folder / "inference.py"
        source.write_bytes(self.members["code/inference.py"])
        found = importlib.util.spec_from_file_location(f"inference_of_{folder.name}", source)
        assert found is not None
        assert found.loader is not None
        self.module = importlib.util.module_from_spec(found)
        found.loader.exec_module(self.module)
        self.model = joblib.load(io.BytesIO(self.members["model.joblib"]))

    def answer(self, rows: list[list[float]]) -> Any:
        import numpy as np

        return self.module.predict_fn(np.array(rows, dtype=np.float32), self.model)

    def smoke_findings(self) -> int:
        wrong = 0
        for case in self.spec["smoke"]:
            [given], [wanted] = self.answer(case["json"]), case["expect"]["json"]
            near = abs(given["probability"] - wanted["probability"]) <= case["expect"]["tolerance"]
            wrong += not (near and given["label"] == wanted["label"] and given.keys() == wanted.keys())
        return wrong


def test_better_is_measurably_better_than_good() -> None:
    from examples.data import load
    from examples.train import accuracy, train_better, train_good

    data = load()
    good, better = accuracy(data, train_good(data)), accuracy(data, train_better(data))
    assert good > 0.85
    assert better > good + 0.05


def test_every_example_is_a_folder_with_an_artifact_a_spec_and_traffic(examples: dict[str, Path]) -> None:
    for name in (*SERVING, "crashing", "slow", "not-an-archive", "hostile"):
        assert {path.name for path in examples[name].iterdir()} >= {"model.tar.gz", "release.yaml", "traffic.json"}


def test_the_same_code_builds_the_same_bytes(examples: dict[str, Path], tmp_path: Path) -> None:
    from examples.train import build_all

    again = build_all(tmp_path)
    for name, folder in again.items():
        for path in folder.iterdir():
            assert path.read_bytes() == (examples[name] / path.name).read_bytes(), f"{name}/{path.name}"


@pytest.mark.parametrize("name", [*SERVING, "slow"])
def test_an_archive_has_its_members_at_the_root(examples: dict[str, Path], name: str) -> None:
    assert set(Example(examples[name]).members) == {"model.joblib", "code/inference.py"}


@pytest.mark.parametrize("name", SERVING)
def test_a_spec_is_written_in_slipways_words(examples: dict[str, Path], name: str) -> None:
    spec = Example(examples[name]).spec
    assert set(spec) == {"schema", "owner", "rollout", "watch", "smoke"}
    assert Rollout(**spec["rollout"]).bake_seconds == 300
    assert Watch(**spec["watch"]).min_requests < 5
    cases = [SmokeCase(**{**case, "expect": Expect(**case["expect"])}) for case in spec["smoke"]]
    assert len(cases) == 4
    assert {case.expect.json[0]["label"] for case in cases} == {"malignant", "benign"}


@pytest.mark.parametrize("name", ["good", "better", "failing-under-traffic"])
def test_smoke_passes_where_the_model_answers_rightly(examples: dict[str, Path], name: str) -> None:
    assert Example(examples[name]).smoke_findings() == 0


def test_smoke_catches_every_wrong_answer(examples: dict[str, Path]) -> None:
    assert Example(examples["wrong-answers"]).smoke_findings() == 4


@pytest.mark.parametrize("name", ["good", "better"])
def test_a_good_model_answers_all_of_the_traffic(examples: dict[str, Path], name: str) -> None:
    example = Example(examples[name])
    labels = [example.answer(rows)[0]["label"] for rows in example.traffic["requests"]]
    right = sum(label == truth for label, truth in zip(labels, example.traffic["truth"], strict=True))
    assert right / len(labels) > 0.85


def test_the_model_that_fails_under_traffic_fails_for_far_more_than_its_alarm_allows(
    examples: dict[str, Path],
) -> None:
    example = Example(examples["failing-under-traffic"])
    failed = 0
    for rows in example.traffic["requests"]:
        try:
            example.answer(rows)
        except LookupError:
            failed += 1
    assert failed / len(example.traffic["requests"]) > 5 * example.spec["watch"]["error_rate"]


def test_any_ten_requests_in_a_row_hold_one_that_fails_under_traffic(examples: dict[str, Path]) -> None:
    example = Example(examples["failing-under-traffic"])
    areas = [rows[0][example.module.MEAN_AREA] for rows in example.traffic["requests"]]
    largest = example.module.SIZES[-1][1]
    assert all(max(areas[begin : begin + 10]) >= largest for begin in range(len(areas) - 9))


def test_slow_is_slower_than_its_smoke_allows(examples: dict[str, Path]) -> None:
    example = Example(examples["slow"])
    allowed = {case["expect"]["max_latency_ms"] for case in example.spec["smoke"]}
    assert max(allowed) < example.module.LOOK_UP_SECONDS * 1000


def test_crashing_looks_for_a_file_that_its_archive_lacks(examples: dict[str, Path], tmp_path: Path) -> None:
    example = Example(examples["crashing"])
    (tmp_path / "model.joblib").write_bytes(example.members["model.joblib"])
    with pytest.raises(FileNotFoundError):
        example.module.model_fn(str(tmp_path))


def test_not_an_archive_is_none(examples: dict[str, Path]) -> None:
    assert not tarfile.is_tarfile(examples["not-an-archive"] / "model.tar.gz")


def test_hostile_would_write_outside_its_folder(examples: dict[str, Path]) -> None:
    with tarfile.open(examples["hostile"] / "model.tar.gz") as tar:
        assert any(".." in Path(name).parts for name in tar.getnames())

"""What an archive holds is told: whose layout it is, what runs code when loaded, what does not fit the image."""

import io
import json
import pickle
from typing import Any

import pytest

from slipway.intake.archive import inspect
from slipway.intake.artifact_notes import notes
from slipway.intake.contents import Contents
from slipway.release.serve_spec import Serve
from tests.unit.hostile_archives import packed

TORCH_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3"


def seen(*names: str, **files: bytes) -> Contents:
    inspection = inspect([packed({**dict.fromkeys(names, b""), **files})])
    assert inspection.is_sound, inspection.findings
    return inspection.contents


@pytest.mark.parametrize(
    ("names", "frameworks"),
    [
        (("model.joblib",), ("scikit-learn",)),
        (("xgboost-model",), ("XGBoost",)),
        (("model.ubj",), ("XGBoost",)),
        (("model.pth", "code/inference.py"), ("PyTorch",)),
        (("1/saved_model.pb", "1/variables/variables.index"), ("TensorFlow",)),
        (("export/Servo/1/saved_model.pb",), ("TensorFlow",)),
        (("model.onnx",), ("ONNX",)),
        (("resnet/config.pbtxt", "resnet/1/model.onnx"), ("ONNX", "Triton")),
        (("config.json", "model.safetensors", "tokenizer.json"), ("Hugging Face",)),
        (("config.json", "pytorch_model-00001-of-00002.bin"), ("Hugging Face",)),
        (("MLmodel", "model.pkl", "conda.yaml"), ("MLflow",)),
        (("MLmodel", "model.xgb"), ("MLflow", "XGBoost")),
        (("model.safetensors",), ()),
        (("weights.bin", "config.json"), ()),
        (("data/model.joblib", "x"), ()),
    ],
)
def test_a_layout_is_told_by_its_marks(names: tuple[str, ...], frameworks: tuple[str, ...]) -> None:
    assert seen(*names).frameworks() == frameworks


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], (1, 2), "text", io.BytesIO])
def test_a_pickle_is_known_by_its_first_bytes_whatever_it_is_called(protocol: int, value: Any) -> None:
    assert seen("x", **{"weights.bin": pickle.dumps(value, protocol)}).pickles == ["weights.bin"]


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib", "deep/a.pt", "pytorch_model.bin", "a.ckpt"])
def test_a_pickle_is_known_by_its_name(name: str) -> None:
    assert seen("x", name).pickles == [name]


def test_what_holds_no_code_is_no_pickle() -> None:
    head = json.dumps({"a": {"dtype": "F32"}}).ljust(640).encode()
    safe = {"model.safetensors": (640).to_bytes(8, "little") + head, "model.onnx": b"\x08\x07", "a.json": b"{}"}
    assert safe["model.safetensors"][:2] == b"\x80\x02", "a header of this length begins as a pickle does"
    assert seen(**safe).pickles == []


def test_only_a_few_small_files_are_kept() -> None:
    files = {f"smoke/{n}.json": b"{}" for n in range(3)} | {"other/a.json": b"{}", "smoke/deep/a.json": b"{}"}
    contents = seen("model.joblib", **files, **{"smoke/large.json": b" " * 70_000, "MLmodel": b" " * 70_000})
    assert sorted(contents.kept) == ["smoke/0.json", "smoke/1.json", "smoke/2.json"]
    assert contents.too_large == ["smoke/large.json"]


def test_what_is_kept_has_a_bound_however_many_files_there_are() -> None:
    contents = seen("model.joblib", **{f"smoke/{n}.json": b"x" * 60_000 for n in range(100)})
    assert sum(map(len, contents.kept.values())) <= 1 << 20
    assert len(contents.too_large) == 20


def noted(contents: Contents, **serve: Any) -> list[str]:
    return [finding.code for finding in notes(contents, Serve(**{"image": "registry/serve:1", **serve}))]


def test_a_layout_that_fits_its_image_is_not_remarked_upon() -> None:
    assert noted(seen("model.pth", "code/inference.py"), image=TORCH_IMAGE) == []
    assert noted(seen("config.json", "model.safetensors"), image=TORCH_IMAGE) == []
    assert noted(seen("MLmodel", "model.pkl"), image="x/mlflow-pyfunc:2") == []
    assert noted(seen("model.joblib"), image="registry/serve:1") == []
    assert noted(seen("weights.bin"), image=TORCH_IMAGE) == []


def test_a_model_of_another_framework_than_the_image_is_remarked_upon() -> None:
    (finding,) = notes(seen("xgboost-model"), Serve(image=TORCH_IMAGE))
    assert finding.code == "FRAMEWORK_MISMATCH"
    assert "XGBoost" in finding.message
    assert "PyTorch" in finding.message


def test_requirements_without_a_network_are_remarked_upon() -> None:
    contents = seen("model.pth", "code/inference.py", **{"code/requirements.txt": b"numpy==1.26.4\n"})
    assert noted(contents) == ["CODE_REQUIREMENTS_ISOLATED"]
    assert noted(contents, network_isolation=False) == []


def test_code_that_no_container_would_find_is_remarked_upon() -> None:
    assert noted(seen("model.pth", "code/serve.py")) == ["CODE_NO_INFERENCE"]
    assert noted(seen("model.pth", "inference.py")) == ["CODE_AT_ROOT"]
    assert noted(seen("model.pth", "code/serve.py"), environment={"SAGEMAKER_PROGRAM": "serve.py"}) == []
    assert noted(seen("model.pth", "code/serve.py"), environment={"SAGEMAKER_PROGRAM": "other.py"}) == [
        "CODE_NO_PROGRAM"
    ]
    elsewhere = {"SAGEMAKER_PROGRAM": "other.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/src"}
    assert noted(seen("model.pth", "code/serve.py"), environment=elsewhere) == []

"""Models that come without code: scikit-learn by joblib or pickle, MLflow, XGBoost, ONNX."""

import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drydock.sagemaker.serving import artifacts
from drydock.sagemaker.serving.artifacts import Kind, recognise
from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.surroundings import LaunchError
from examples.packing import pack
from tests.drydock.serving_house import JSON, House, fitted, saved

MLMODEL = b"""
flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
  sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle, sklearn_version: 1.9.1}
"""
XGBOOST = b"""
class DMatrix:
    def __init__(self, rows, feature_names=None): self.rows = rows
class Booster:
    feature_names = None
    def load_model(self, path):
        with open(path) as file: self.scale = float(file.read())
    def predict(self, matrix): return matrix.rows.sum(axis=1) * self.scale
"""
ONNX = b"""
import types
class InferenceSession:
    def __init__(self, path, providers):
        with open(path) as file: self.scale = float(file.read())
    def get_inputs(self): return [types.SimpleNamespace(name="rows", type="tensor(float)")]
    def run(self, names, feed):
        assert feed["rows"].dtype == "float32"
        return [feed["rows"].sum(axis=1) * self.scale, None]
"""
MLFLOW = b"""
class _Model:
    def predict(self, data): return [len(data)]
def load_model(folder):
    with open(folder + "/MLmodel"): return _Model()
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def mlflow_model(house: House) -> ProcessInstance:
    """One for all of the protocol: pandas is loaded once."""
    return house.start(pack({"MLmodel": MLMODEL, "model.pkl": pickle.dumps(fitted(10.0, columns=2))}))


def scores(
    house: House, archive: bytes, body: str = "[[3.0], [4.0]]", content_type: str = "application/json"
) -> object:
    status, answer = house.ask(house.start(archive), body, headers={"Content-Type": content_type})
    assert status == 200, answer
    return json.loads(answer)


@pytest.mark.parametrize("name", ["model.joblib", "model.pkl", "churn-7.pickle", "pipeline.joblib"])
def test_a_scikit_learn_model_is_served_under_the_names_people_use(house: House, name: str) -> None:
    content = saved(2.0) if name.endswith("joblib") else pickle.dumps(fitted(2.0))
    assert scores(house, pack({name: content, "notes.txt": b"hello"})) == pytest.approx([6.0, 8.0])


def test_two_pickles_are_no_model_unless_one_has_the_usual_name(tmp_path: Path) -> None:
    for name in ("scaler.pkl", "booster.pkl"):
        (tmp_path / name).touch()
    assert recognise(tmp_path) is None
    (tmp_path / "model.pkl").touch()
    found = recognise(tmp_path)
    assert found is not None
    assert (found.kind, found.path.name) == (Kind.PICKLE, "model.pkl")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}}', "application/json"),
        ('{"dataframe_records": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}', "application/json; charset=utf-8"),
        ('{"instances": [[1, 2], [3, 4]]}', "application/json"),
        ('{"inputs": [[1, 2], [3, 4]]}', "application/json"),
        ("[[1, 2], [3, 4]]", "application/json"),
        ("a,b\n1,2\n3,4\n", "text/csv"),
    ],
)
def test_an_mlflow_model_is_served_in_the_protocol_of_its_scoring_server(
    house: House, mlflow_model: ProcessInstance, body: str, content_type: str
) -> None:
    status, answer = house.ask(mlflow_model, body, headers={"Content-Type": content_type})
    assert status == 200, answer
    assert json.loads(answer)["predictions"] == pytest.approx([30.0, 70.0])


def test_what_is_not_of_the_mlflow_protocol_is_refused(house: House, mlflow_model: ProcessInstance) -> None:
    assert house.ask(mlflow_model, '{"rows": [[1]]}')[0] == 400
    assert house.ask(mlflow_model, '{"inputs": [[1]], "instances": [[1]]}')[0] == 400
    assert house.ask(mlflow_model, "no json")[0] == 400
    assert house.ask(mlflow_model, "x", headers={"Content-Type": "image/png"})[0] == 415


def test_an_mlflow_model_of_another_flavour_is_left_to_mlflow(house: House) -> None:
    files = {"MLmodel": b"flavors: {python_function: {loader_module: mine}}", "code/mlflow/__init__.py": b""}
    assert scores(house, pack({**files, "code/mlflow/pyfunc.py": MLFLOW})) == {"predictions": [2]}


def test_an_xgboost_model_is_served_when_its_library_is_there(house: House) -> None:
    archive = pack({"xgboost-model": b"2.5", "code/xgboost.py": XGBOOST})
    assert scores(house, archive, "[[1, 2], [3, 4]]") == pytest.approx([7.5, 17.5])
    assert scores(house, archive, "1,2", "text/csv") == pytest.approx([7.5])


def test_an_onnx_model_is_served_when_its_library_is_there(house: House) -> None:
    archive = pack({"model.onnx": b"2.5", "code/onnxruntime.py": ONNX})
    assert scores(house, archive, "[[1, 2], [3, 4]]") == pytest.approx([7.5, 17.5])


@pytest.mark.parametrize(
    ("files", "library"),
    [
        ({"xgboost-model": b"x", "code/xgboost_is_not_here.py": b""}, "xgboost"),
        ({"model.onnx": b"x"}, "onnxruntime"),
        ({"MLmodel": b"flavors: {python_function: {loader_module: mlflow.pytorch}}"}, "mlflow"),
        ({"MLmodel": MLMODEL.replace(b"cloudpickle", b"skops"), "model.pkl": b"x"}, "skops"),
    ],
)
def test_a_model_whose_library_is_missing_is_not_started_and_the_reason_names_it(
    house: House, files: dict[str, bytes], library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "is_there", lambda name, folders=(): False)
    with pytest.raises(LaunchError) as caught:
        house.start(pack(files))
    assert str(caught.value).startswith("The primary container for production variant main did not pass the ping")
    assert f"the model needs the library {library}, which is not there" in str(caught.value)
    assert any(f"the model needs the library {library}" in line for _, _, line in house.lines)


def test_code_of_its_own_decides_itself_what_it_needs(house: House) -> None:
    code = b"def model_fn(d): return 1\ndef transform_fn(m, data, c, a): return data\n"
    assert house.ask(house.start(pack({"model.onnx": b"x", "code/inference.py": code})), "mine") == (200, "mine")


def test_a_model_fn_alone_is_completed_by_the_defaults(house: House) -> None:
    code = b"import joblib\ndef model_fn(d): return joblib.load(d + '/weights.bin')\n"
    archive = pack({"weights.bin": saved(3.0), "code/inference.py": code})
    instance = house.start(archive)
    answer = house.run(instance.invoke(b"[[2.0]]", {**JSON, "Accept": "application/x-npy"}, 5))
    assert np.load(io.BytesIO(answer.body)) == pytest.approx([6.0])

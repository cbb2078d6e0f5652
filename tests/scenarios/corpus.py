"""Archives that the real libraries wrote: scikit-learn, XGBoost, ONNX and MLflow, each with what it answers.

Every answer comes from the library itself, in this process; what serves it is a process of the local cloud.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.packing import pack

SEED = 7
ROWS = 3

SKLEARN = """
from pathlib import Path
import joblib

def model_fn(model_dir):
    return joblib.load(Path(model_dir, "model.joblib"))

def predict_fn(rows, model):
    return model.predict_proba(rows)[:, 1].tolist()
"""
XGBOOST = """
from pathlib import Path
import xgboost

def model_fn(model_dir):
    booster = xgboost.Booster()
    booster.load_model(Path(model_dir, "xgboost-model"))
    return booster

def predict_fn(rows, model):
    return model.predict(xgboost.DMatrix(rows)).tolist()
"""
ONNX = """
from pathlib import Path
import numpy
import onnxruntime

def model_fn(model_dir):
    return onnxruntime.InferenceSession(str(Path(model_dir, "model.onnx")))

def predict_fn(rows, model):
    (name,) = [each.name for each in model.get_inputs()]
    return model.run(None, {name: numpy.asarray(rows, dtype=numpy.float32)})[1][:, 1].tolist()
"""
MLFLOW = """
import json
import mlflow.pyfunc
import numpy

def model_fn(model_dir):
    return mlflow.pyfunc.load_model(model_dir)

def input_fn(body, content_type):
    return numpy.array(json.loads(body)["inputs"])

def predict_fn(rows, model):
    return model.predict(rows).tolist()
"""


@dataclass(frozen=True)
class Made:
    """One archive."""

    archive: bytes
    framework: str
    """What its layout is recognised as."""
    request: Any
    """A request in JSON."""
    answer: list[float]
    """What the library itself answers to it."""


def data() -> tuple[Any, Any]:
    """Give rows of four numbers, and what they are: 1 where the first two outweigh the others."""
    import numpy as np

    rows = np.random.default_rng(SEED).normal(size=(200, 4))
    return rows, (rows[:, 0] + rows[:, 1] > rows[:, 2] + rows[:, 3]).astype(int)


def classifier(strength: float = 1.0) -> Any:
    """Fit a logistic regression; another strength of its regularisation answers otherwise."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength).fit(*data())


def sklearn_archive(_folder: Path, strength: float = 1.0) -> Made:
    """Save as scikit-learn's own documentation advises: joblib."""
    import joblib

    model, saved = classifier(strength), io.BytesIO()
    joblib.dump(model, saved)
    rows = data()[0][:ROWS]
    return _made({"model.joblib": saved.getvalue()}, SKLEARN, "scikit-learn", rows, model.predict_proba(rows)[:, 1])


def xgboost_archive(folder: Path) -> Made:
    """Save as XGBoost's container does: a booster in binary JSON, called xgboost-model."""
    import xgboost

    rows, truth = data()
    booster = xgboost.train({"max_depth": 2, "objective": "binary:logistic"}, xgboost.DMatrix(rows, label=truth), 5)
    booster.save_model(folder / "model.ubj")
    asked = rows[:ROWS]
    members = {"xgboost-model": (folder / "model.ubj").read_bytes()}
    return _made(members, XGBOOST, "XGBoost", asked, booster.predict(xgboost.DMatrix(asked)))


def onnx_archive(_folder: Path) -> Made:
    """Convert scikit-learn's model with skl2onnx."""
    import numpy as np
    from skl2onnx import to_onnx

    model, rows = classifier(), data()[0][:ROWS]
    converted = to_onnx(model, rows.astype(np.float32), options={"zipmap": False})
    members = {"model.onnx": converted.SerializeToString()}
    return _made(members, ONNX, "ONNX", rows, model.predict_proba(rows)[:, 1])


def mlflow_archive(folder: Path) -> Made:
    """Save with MLflow and an input example, which is all the smoke that it brings."""
    import mlflow.sklearn
    from mlflow.models import infer_signature

    model, rows = classifier(), data()[0][:ROWS]
    mlflow.sklearn.save_model(
        model,
        folder / "model",
        signature=infer_signature(rows, model.predict(rows)),
        input_example=rows,
        pip_requirements=["scikit-learn"],
        serialization_format="cloudpickle",
    )
    members = {path.name: path.read_bytes() for path in (folder / "model").iterdir()}
    archive = pack({**members, "code/inference.py": MLFLOW.encode()})
    return Made(archive, "MLflow", {"inputs": rows.tolist()}, model.predict(rows).tolist())


BUILDERS: dict[str, Callable[[Path], Made]] = {
    "sklearn": sklearn_archive,
    "xgboost": xgboost_archive,
    "onnx": onnx_archive,
    "mlflow": mlflow_archive,
}


def _made(members: dict[str, bytes], handler: str, framework: str, rows: Any, answer: Any) -> Made:
    """Pack a model with its handler, and a smoke case of its own made of what the library answers."""
    told = [float(each) for each in answer]
    case = {"name": "known rows", "json": rows.tolist(), "expect": {"json": told, "tolerance": 1e-5}}
    packed = pack({**members, "code/inference.py": handler.encode(), "smoke/known.json": json.dumps(case).encode()})
    return Made(packed, framework, rows.tolist(), told)

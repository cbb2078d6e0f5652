"""Loads models that come without code; whatever they are, they get a `predict` that takes rows."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from drydock.sagemaker.serving.artifacts import Artifact, Kind


def load(artifact: Artifact) -> Any:
    """Load a model.

    Raises:
        ImportError: its library is not there.
        Exception: whatever that library says of a file it cannot read.
    """
    return _LOADERS[artifact.kind](str(artifact.path))


_PICKLED = b"\x80"
"""How a pickle begins, since protocol 2."""


class _Booster:
    """A model of XGBoost; its containers take what `save_model` or pickle wrote, a Booster or one of its estimators."""

    def __init__(self, path: str) -> None:
        self._xgboost = importlib.import_module("xgboost")
        with Path(path).open("rb") as file:
            pickled = file.read(1) == _PICKLED
        if pickled:
            found = joblib.load(path)
            self._booster = found.get_booster() if hasattr(found, "get_booster") else found
        else:
            self._booster = self._xgboost.Booster()
            self._booster.load_model(path)

    def predict(self, data: Any) -> Any:
        """Score rows."""
        return self._booster.predict(
            self._xgboost.DMatrix(np.atleast_2d(data), feature_names=self._booster.feature_names)
        )


class _Session:
    """A model for ONNX Runtime with one input; its first output is the answer."""

    def __init__(self, path: str) -> None:
        runtime = importlib.import_module("onnxruntime")
        self._session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
        [taken] = self._session.get_inputs()
        self._input = taken.name
        self._type = {"tensor(double)": np.float64, "tensor(int64)": np.int64}.get(taken.type, np.float32)

    def predict(self, data: Any) -> Any:
        """Run rows."""
        return self._session.run(None, {self._input: np.asarray(data, self._type)})[0]


def _pyfunc(path: str) -> Any:
    return importlib.import_module("mlflow.pyfunc").load_model(path)


def _skops(path: str) -> Any:
    skops = importlib.import_module("skops.io")
    return skops.load(path, trusted=skops.get_untrusted_types(file=path))


_LOADERS: dict[Kind, Callable[[str], Any]] = {
    Kind.PICKLE: joblib.load,
    Kind.SKOPS: _skops,
    Kind.XGBOOST: _Booster,
    Kind.ONNX: _Session,
    Kind.PYFUNC: _pyfunc,
}

"""Recognises by its files what an archive without code holds, and which library can serve it; loads nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import yaml


class Kind(StrEnum):
    """How a model is loaded."""

    PICKLE = "pickle"
    SKOPS = "skops"
    XGBOOST = "xgboost"
    ONNX = "onnx"
    PYFUNC = "pyfunc"


LIBRARIES = {
    Kind.SKOPS: "skops",
    Kind.XGBOOST: "xgboost",
    Kind.ONNX: "onnxruntime",
    Kind.PYFUNC: "mlflow",
}
"""What must be importable; a pickle names what it needs only when it is read."""
NAMES = {"model.joblib": Kind.PICKLE, "xgboost-model": Kind.XGBOOST, "model.onnx": Kind.ONNX, "model.pkl": Kind.PICKLE}
"""Names at the root of an archive: scikit-learn's and XGBoost's are those of AWS's containers."""
_PICKLES = ("*.joblib", "*.pkl", "*.pickle")
_MLFLOW = "MLmodel"
_FLAVOURS = {
    "sklearn": (Kind.PICKLE, "pickled_model"),
    "xgboost": (Kind.XGBOOST, "data"),
    "onnx": (Kind.ONNX, "data"),
}
"""Flavours of MLflow that are served without MLflow → kind, and the member that names the file."""


@dataclass(frozen=True)
class Artifact:
    """A model that needs no code of its own."""

    kind: Kind
    path: Path
    """The file to load; the whole folder for MLflow's own loader."""
    mlflow: bool = False
    """Whether it speaks the protocol of MLflow's scoring server."""


def recognise(model_dir: Path, folders: Iterable[str] = ()) -> Artifact | None:
    """Find the model of an archive.

    Args:
        model_dir: the unpacked archive.
        folders: where libraries are looked for besides the search path.

    Returns:
        None when there is none, or several that could be meant.
    """
    if (model_dir / _MLFLOW).is_file():
        return _mlflow_artifact(model_dir, list(folders))
    for name, kind in NAMES.items():
        if (model_dir / name).is_file():
            return Artifact(kind, model_dir / name)
    pickles = [path for pattern in _PICKLES for path in model_dir.glob(pattern)]
    return Artifact(Kind.PICKLE, pickles[0]) if len(pickles) == 1 else None


def missing_library(model_dir: Path, folders: Iterable[str]) -> str:
    """Say which library the model of an archive needs and this environment lacks; "" when none, or none is known.

    Args:
        model_dir: the unpacked archive.
        folders: where libraries are looked for besides the search path.
    """
    searched = [str(model_dir / "code"), *folders]
    artifact = recognise(model_dir, searched)
    library = LIBRARIES.get(artifact.kind, "") if artifact else ""
    return "" if not library or is_there(library, searched) else library


def is_there(library: str, folders: Iterable[str] = ()) -> bool:
    """Whether a library can be imported from the search path or one of these folders."""
    return any(PathFinder.find_spec(library, path) for path in (None, list(folders)))


def _mlflow_artifact(model_dir: Path, folders: list[str]) -> Artifact:
    described = yaml.safe_load((model_dir / _MLFLOW).read_text())
    flavours: Mapping[str, Mapping[str, Any]] = described.get("flavors", {})
    if not is_there(LIBRARIES[Kind.PYFUNC], folders):
        for name, (kind, member) in _FLAVOURS.items():
            file = flavours.get(name, {}).get(member)
            if file:
                skops = flavours[name].get("serialization_format") == Kind.SKOPS
                return Artifact(Kind.SKOPS if skops else kind, model_dir / file, mlflow=True)
    return Artifact(Kind.PYFUNC, model_dir, mlflow=True)

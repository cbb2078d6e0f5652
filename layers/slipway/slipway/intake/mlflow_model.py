"""What an MLflow model says of itself: its flavours, and an input that it answers (MLflow, 'MLmodel file')."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.intake.contents import MLFLOW_EXAMPLE, MLFLOW_REQUEST, MLMODEL
from slipway.intake.parsed import YamlRefusedError
from slipway.intake.spec_yaml import parse_yaml


@dataclass(frozen=True)
class MlflowModel:
    """One MLflow model as far as it was kept."""

    flavors: tuple[str, ...] = ()
    request: str = ""
    """Body of an invocation made from its input example, in JSON; empty when it has none that can be sent."""


def mlflow_model(kept: Mapping[str, bytes]) -> MlflowModel | None:
    """Read it; None when the archive holds no MLmodel. What cannot be read is left out: MLflow is the judge of it."""
    if MLMODEL not in kept:
        return None
    try:
        said = parse_yaml(kept[MLMODEL].decode()).values
    except (YamlRefusedError, UnicodeDecodeError):
        said = None
    flavors = said.get("flavors") if isinstance(said, dict) else None
    names = tuple(sorted(flavors)) if isinstance(flavors, dict) else ()
    return MlflowModel(names, _request(kept))


def _request(kept: Mapping[str, bytes]) -> str:
    """Take the example as MLflow's server takes it, else wrap the plain one as it says (MLflow, 'Inference Server')."""
    ready = _json(kept.get(MLFLOW_REQUEST))
    if ready is not None:
        return json.dumps(ready)
    example = _json(kept.get(MLFLOW_EXAMPLE))
    if example is None:
        return ""
    if isinstance(example, dict) and "columns" in example and "data" in example:
        split = {name: example[name] for name in ("columns", "index", "data") if name in example}
        return json.dumps({"dataframe_split": split})
    return json.dumps({"inputs": example})


def _json(content: bytes | None) -> Any:
    try:
        return None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        return None

"""The protocol of MLflow's scoring server, in which clients speak to MLflow models that are hosted on SageMaker.

A request is JSON with one of `dataframe_split`, `dataframe_records`, `instances` and `inputs`, or CSV with a header;
an answer is JSON, `{"predictions": […]}` (MLflow's documentation, "Inference Server Specification"). Data frames become
pandas' where pandas is there, else rows in the order of the request's columns. Plain JSON rows are taken as well.
"""

import csv
import importlib
import io
import json
from http import HTTPStatus
from typing import Any

import numpy as np
from sagemaker_inference.errors import BaseInferenceToolkitError

from drydock.sagemaker.serving.artifacts import is_there

_KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")


def read_rows(content: str | bytes, content_type: str) -> Any:
    """Decode a request.

    Raises:
        BaseInferenceToolkitError: 415 for another content type, 400 for what is not of this protocol.
    """
    text = content if isinstance(content, str) else content.decode()
    kind = (content_type or "").partition(";")[0].strip()
    if kind == "application/json":
        return _rows_of_json(text)
    if kind == "text/csv":
        columns, *rows = csv.reader(io.StringIO(text))
        return _frame(columns, [[_number(cell) for cell in row] for row in rows])
    raise _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"This predictor only supports csv and json, not {kind!r}.")


def write_predictions(predictions: Any) -> tuple[str, str]:
    """Encode predictions; give the body and its content type."""
    rows = (
        predictions.to_dict(orient="records") if hasattr(predictions, "to_dict") else np.asarray(predictions).tolist()
    )
    return json.dumps({"predictions": rows}), "application/json"


def _rows_of_json(text: str) -> Any:
    try:
        content = json.loads(text)
        if isinstance(content, list):
            return np.array(content)
        [(key, value)] = [(key, content[key]) for key in _KEYS if key in content]
        return _decoded(key, value)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _refusal(
            HTTPStatus.BAD_REQUEST, f"The request needs exactly one of {', '.join(_KEYS)}: {error}"
        ) from error


def _decoded(key: str, value: Any) -> Any:
    if key == "dataframe_split":
        return _frame(value.get("columns"), value["data"])
    if key == "dataframe_records":
        columns = list(value[0])
        return _frame(columns, [[record.get(column) for column in columns] for record in value])
    if isinstance(value, dict):
        return {name: np.array(column) for name, column in value.items()}
    return np.array(value)


def _frame(columns: list[str] | None, rows: list[list[Any]]) -> Any:
    if not is_there("pandas"):
        return np.array(rows)
    return importlib.import_module("pandas").DataFrame(rows, columns=columns)


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _refusal(status: HTTPStatus, message: str) -> BaseInferenceToolkitError:
    return BaseInferenceToolkitError(status.value, message, status.phrase)

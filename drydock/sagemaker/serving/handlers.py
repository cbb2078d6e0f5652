"""What sagemaker-inference's Transformer needs of a container: default handlers, and a context for each request.

The defaults are those of AWS's scikit-learn container: text is decoded to float32, `predict` is called, an unknown
content type is answered with 415, an unknown Accept with 406. Loading a model without a model_fn is Drydock's.
"""

import threading
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from sagemaker_inference import content_types
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.errors import BaseInferenceToolkitError, UnsupportedFormatError

from drydock.sagemaker.serving.artifacts import NAMES, recognise
from drydock.sagemaker.serving.loading import load
from drydock.sagemaker.serving.scoring import read_rows, write_predictions

NO_MODEL = (
    "the archive holds neither a code/inference.py with a model_fn nor a model that is known by its name: "
    f"MLmodel, {', '.join(NAMES)}, or a single file *.joblib, *.pkl or *.pickle"
)


class DefaultHandlers(DefaultInferenceHandler):  # type: ignore[misc]
    """Handlers for a model that comes without some of them or all."""

    _scores = False
    """Whether requests and answers are those of MLflow's scoring server."""

    def default_model_fn(self, model_dir: str, context: object = None) -> Any:  # noqa: ARG002
        """Load the model that the archive's files tell."""
        artifact = recognise(Path(model_dir))
        if artifact is None:
            raise FileNotFoundError(NO_MODEL)
        self._scores = artifact.mlflow
        return load(artifact)

    def default_input_fn(self, input_data: str | bytes, content_type: str, context: object = None) -> Any:
        """Decode JSON, CSV, NPY or NPZ; for an MLflow model what its scoring server takes."""
        if self._scores:
            return read_rows(input_data, content_type)
        try:
            decoded = super().default_input_fn(input_data, content_type, context)
        except UnsupportedFormatError as error:
            raise _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, error) from error
        return decoded.astype(np.float32) if content_type in content_types.UTF8_TYPES else decoded

    def default_predict_fn(self, data: Any, model: Any, context: object = None) -> Any:  # noqa: ARG002
        """Call the model's predict."""
        return model.predict(data)

    def default_output_fn(self, prediction: Any, accept: str, context: object = None) -> Any:
        """Encode JSON, CSV or NPY; for an MLflow model what its scoring server answers."""
        if self._scores:
            return write_predictions(prediction)
        try:
            return super().default_output_fn(prediction, accept, context)
        except UnsupportedFormatError as error:
            raise _refusal(HTTPStatus.NOT_ACCEPTABLE, error) from error


def _refusal(status: HTTPStatus, error: Exception) -> BaseInferenceToolkitError:
    return BaseInferenceToolkitError(status.value, str(error), status.phrase)


class Context(threading.local):
    """The context that handlers may ask for: one object for the life of the model, one request per thread.

    It has the methods of multi-model-server's Context that handlers use.
    """

    def __init__(self, model_dir: str) -> None:
        self.system_properties: dict[str, Any] = {"model_dir": model_dir, "gpu_id": None}
        self.begin({})

    def begin(self, headers: Mapping[str, str]) -> None:
        """Take the headers of the next request of this thread."""
        self.headers = dict(headers)
        self.status = HTTPStatus.OK.value
        self.content_type = ""
        self.answer_headers: dict[str, str] = {}

    @property
    def request_processor(self) -> list["Context"]:
        """The request of the batch; there is always one."""
        return [self]

    def get_request_properties(self) -> dict[str, str]:
        """Give the headers of the request."""
        return self.headers

    def get_all_request_header(self, idx: int) -> dict[str, str]:  # noqa: ARG002
        """Give the headers of the request."""
        return self.headers

    def get_request_header(self, idx: int, key: str) -> str | None:  # noqa: ARG002
        """Give one header of the request."""
        return next((value for name, value in self.headers.items() if name.lower() == key.lower()), None)

    def set_response_content_type(self, idx: int, value: str) -> None:  # noqa: ARG002
        """Set the Content-Type of the answer."""
        self.content_type = value

    def set_response_header(self, idx: int, key: str, value: str) -> None:  # noqa: ARG002
        """Set a header of the answer, such as X-Amzn-SageMaker-Custom-Attributes."""
        self.answer_headers[key] = value

    def set_response_status(self, code: int = 200, phrase: str = "", idx: int = 0) -> None:  # noqa: ARG002
        """Set the status of the answer."""
        self.status = code

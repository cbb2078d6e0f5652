"""Looks for its model under the name that it had in an older release: the container never becomes healthy."""

from pathlib import Path
from typing import Any

import joblib


def model_fn(model_dir: str) -> Any:
    """Load a file that the archive does not hold."""
    return joblib.load(Path(model_dir, "classifier.pkl"))

"""Loads and answers as it should, but its labels stand in the wrong order: every answer says the opposite."""

from pathlib import Path
from typing import Any

import joblib

LABELS = ("benign", "malignant")


def model_fn(model_dir: str) -> Any:
    """Load what train.py saved."""
    return joblib.load(Path(model_dir, "model.joblib"))


def predict_fn(rows: Any, model: Any) -> list[dict[str, Any]]:
    """Give a label and its probability for each row; the model was trained with 0 for malignant."""
    return [
        {"label": LABELS[int(row.argmax())], "probability": round(float(row.max()), 6)}
        for row in model.predict_proba(rows)
    ]

"""Says how likely each tumour is malignant; the toolkit decodes the rows and encodes the answer."""

from pathlib import Path
from typing import Any

import joblib

LABELS = ("malignant", "benign")


def model_fn(model_dir: str) -> Any:
    """Load what train.py saved."""
    return joblib.load(Path(model_dir, "model.joblib"))


def predict_fn(rows: Any, model: Any) -> list[dict[str, Any]]:
    """Give the likelier label of each row, and its probability."""
    return [
        {"label": LABELS[int(row.argmax())], "probability": round(float(row.max()), 6)}
        for row in model.predict_proba(rows)
    ]

"""Notes each tumour's size in the log, by a table that ends where somebody thought that tumours end."""

from pathlib import Path
from typing import Any

import joblib

LABELS = ("malignant", "benign")
MEAN_AREA = 3
SIZES = ((0.0, 400.0, "small"), (400.0, 700.0, "medium"))
"""Mean area from, to, and its name. A third of all tumours are larger."""


def model_fn(model_dir: str) -> Any:
    """Load what train.py saved."""
    return joblib.load(Path(model_dir, "model.joblib"))


def size_of(area: float) -> str:
    """Name the size of a tumour.

    Raises:
        LookupError: it is in no row of the table.
    """
    for smallest, largest, name in SIZES:
        if smallest <= area < largest:
            return name
    raise LookupError(f"no size for a mean area of {area:.0f}")


def predict_fn(rows: Any, model: Any) -> list[dict[str, Any]]:
    """Give the likelier label of each row, and its probability."""
    print("sizes:", *(size_of(row[MEAN_AREA]) for row in rows))
    return [
        {"label": LABELS[int(row.argmax())], "probability": round(float(row.max()), 6)}
        for row in model.predict_proba(rows)
    ]

"""The data: 569 tumours of the Wisconsin breast cancer data set, which scikit-learn brings along."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

LABELS = ("malignant", "benign")
SEED = 7
MEAN_AREA = 3
"""Column that tells how large a tumour is."""


@dataclass(frozen=True)
class Data:
    """Measurements of tumours, 30 to a row, and what they turned out to be (indexes into LABELS)."""

    training_rows: Any
    training_truth: Any
    held_out_rows: Any
    held_out_truth: Any


def load() -> Data:
    """Split the data always in the same way: 398 rows to train on, 171 that no model has seen."""
    rows, truth = load_breast_cancer(return_X_y=True)
    parts = train_test_split(rows, truth, test_size=0.3, random_state=SEED, stratify=truth)
    return Data(training_rows=parts[0], training_truth=parts[2], held_out_rows=parts[1], held_out_truth=parts[3])


def clear_cases(data: Data, *models: Any, below_area: float = np.inf) -> list[int]:
    """Choose held-out rows for smoke: two of each label that all the models tell rightly and without doubt.

    Args:
        data: where from.
        models: classifiers that must agree.
        below_area: only tumours with a smaller mean area.
    """
    sure = data.held_out_rows[:, MEAN_AREA] < below_area
    for model in models:
        chances = model.predict_proba(data.held_out_rows)
        sure &= chances[np.arange(len(chances)), data.held_out_truth] > 0.8
    return [
        int(index)
        for label in range(len(LABELS))
        for index in np.flatnonzero(sure & (data.held_out_truth == label))[:2]
    ]

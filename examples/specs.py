"""Writes what lies beside a model: release.yaml, and the requests that a client sends."""

import json
from typing import Any

import yaml

from examples.data import LABELS, Data

JSON = "application/json"


def answer_for(model: Any, row: Any) -> list[dict[str, Any]]:
    """Give the answer that a right container gives for one row, as the training saw it."""
    chances = model.predict_proba([row])[0]
    return [{"label": LABELS[int(chances.argmax())], "probability": round(float(chances.max()), 6)}]


def release_yaml(
    data: Data, chosen: list[int], answers: list[list[dict[str, Any]]], *, max_latency_ms: int = 500
) -> str:
    """Write the spec of a release whose smoke compares answers with those that the training saw.

    Args:
        data: where the rows come from.
        chosen: held-out rows that smoke sends.
        answers: what it expects for each.
        max_latency_ms: slowest answer allowed.
    """
    cases = [
        {
            "name": f"a clearly {LABELS[data.held_out_truth[index]]} tumour (held-out row {index})",
            "json": [data.held_out_rows[index].tolist()],
            "expect": {"json": answer, "tolerance": 0.001, "max_latency_ms": max_latency_ms},
        }
        for index, answer in zip(chosen, answers, strict=True)
    ]
    spec = {
        "schema": 1,
        "owner": "examples",
        "rollout": {"bake_seconds": 300},
        "watch": {"error_rate": 0.05, "min_requests": 3},
        "smoke": cases,
    }
    return yaml.safe_dump(spec, sort_keys=False, default_flow_style=None, width=120)


def traffic_json(data: Data) -> str:
    """Write the held-out rows as requests, with what the tumours turned out to be."""
    traffic = {
        "content_type": JSON,
        "accept": JSON,
        "requests": [[row] for row in data.held_out_rows.tolist()],
        "truth": [LABELS[label] for label in data.held_out_truth],
    }
    return json.dumps(traffic)

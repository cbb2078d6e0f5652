"""Trains the example models and packs one folder for each: `python -m examples.train OUTDIR`."""

import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import joblib
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from examples.data import Data, clear_cases, load
from examples.packing import handlers, pack
from examples.specs import answer_for, release_yaml, traffic_json

TWO_COLUMNS = [0, 1]
"""Mean radius and mean texture: all that the first model looks at."""
KNOWN_AREA = 700.0
"""Where the table of failing-under-traffic ends; its smoke stays below, as its author did."""


def train_good(data: Data) -> Any:
    """Fit a logistic regression on two of the thirty columns."""
    chosen = ColumnTransformer([("chosen", "passthrough", TWO_COLUMNS)])
    model = make_pipeline(chosen, StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(data.training_rows, data.training_truth)


def train_better(data: Data) -> Any:
    """Fit a logistic regression on all columns."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(data.training_rows, data.training_truth)


def build_all(outdir: Path) -> dict[str, Path]:
    """Train and pack every example; the same bytes each time.

    Args:
        outdir: gets a folder for each example; made where it is missing.

    Returns:
        The folder of each example by its name. It holds model.tar.gz, release.yaml and traffic.json.
    """
    data = load()
    good, better = train_good(data), train_better(data)
    chosen = clear_cases(data, good, better)
    plain = {model: [answer_for(model, data.held_out_rows[index]) for index in chosen] for model in (good, better)}
    spec = release_yaml(data, chosen, plain[better])
    examples = {
        "good": (_archive(good, "good"), release_yaml(data, chosen, plain[good])),
        "better": (_archive(better, "good"), spec),
        "wrong-answers": (_archive(better, "wrong-answers"), spec),
        "failing-under-traffic": (_archive(better, "failing-under-traffic"), _narrow_spec(data, better)),
        "crashing": (_archive(better, "crashing"), spec),
        "slow": (_archive(better, "slow"), spec),
        "not-an-archive": (_zip(better), spec),
        "hostile": (_hostile(better), spec),
    }
    traffic = traffic_json(data)
    return {name: _write(outdir / name, *parts, traffic) for name, parts in examples.items()}


def accuracy(data: Data, model: Any) -> float:
    """Give the share of held-out tumours that a model tells rightly."""
    return float(model.score(data.held_out_rows, data.held_out_truth))


def _narrow_spec(data: Data, model: Any) -> str:
    chosen = clear_cases(data, model, below_area=KNOWN_AREA)
    answers = [answer_for(model, data.held_out_rows[index]) for index in chosen]
    return release_yaml(data, chosen, answers)


def _members(model: Any, example: str) -> dict[str, bytes]:
    saved = io.BytesIO()
    joblib.dump(model, saved)
    return {"model.joblib": saved.getvalue(), "code/inference.py": handlers(example)}


def _archive(model: Any, example: str) -> bytes:
    return pack(_members(model, example))


def _zip(model: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted(_members(model, "good").items()):
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _hostile(model: Any) -> bytes:
    return pack({**_members(model, "good"), "../../escaped.txt": b"written outside the model's folder\n"})


def _write(folder: Path, archive: bytes, spec: str, traffic: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.tar.gz").write_bytes(archive)
    (folder / "release.yaml").write_text(spec)
    (folder / "traffic.json").write_text(traffic)
    return folder


def main() -> None:
    """Build everything and say how good the two models are."""
    for name, folder in build_all(Path(sys.argv[1])).items():
        print(f"{name:24}{folder / 'model.tar.gz'}")
    data = load()
    print(f"accuracy on {len(data.held_out_truth)} held-out rows:")
    print(f"  good   {accuracy(data, train_good(data)):.3f}")
    print(f"  better {accuracy(data, train_better(data)):.3f}")


if __name__ == "__main__":
    main()

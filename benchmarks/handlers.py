"""What a handler's start costs, held against the libraries that it cannot do without: `python -m benchmarks.handlers`.

Every start is a fresh interpreter that imports the handler's module, as Lambda's init does; medians of interleaved
rounds, so that a slow moment of the machine hits all alike. What cannot be done without is botocore's session and
Powertools' logger; they alone cost more than six empty handlers, so the ratio to an empty one would measure them and
not us. It is shown all the same. Budget: 1.7 times the libraries, 1.4 times for `wake`, which every event starts.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
ROUNDS = 5
EMPTY = "import json, os, logging"
LIKE_LAMBDA = "import sys; sys.modules.update(awscrt=None, OpenSSL=None); "
"""SAM brings awscrt and pyOpenSSL into this environment, and botocore then loads them; Lambda has neither."""
LIBRARIES = LIKE_LAMBDA + "import aws_lambda_powertools, botocore.config, botocore.session"
HANDLER = LIKE_LAMBDA + "import app"
BUDGET, WAKE_BUDGET = 1.7, 1.4


def start_seconds(code: str, folder: Path, bytecode: str) -> float:
    """Start an interpreter that runs this code; returns how long it took.

    Args:
        code: what it runs.
        folder: where it runs.
        bytecode: folder for bytecode, which the layer carries and this checkout does not.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = bytecode
    began = time.perf_counter()
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - began


def measure(folders: dict[str, Path]) -> dict[str, float]:
    """Give the median start of an empty handler, of the libraries and of every handler, in seconds.

    A first round makes the bytecode and is not counted.
    """
    taken: dict[str, list[float]] = {name: [] for name in ("empty", "libraries", *folders)}
    with tempfile.TemporaryDirectory() as bytecode:
        for _ in range(ROUNDS + 1):
            taken["empty"].append(start_seconds(EMPTY, ROOT, bytecode))
            taken["libraries"].append(start_seconds(LIBRARIES, ROOT, bytecode))
            for name, folder in folders.items():
                taken[name].append(start_seconds(HANDLER, folder, bytecode))
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}


def main() -> None:
    """Measure every handler and print the ratios; exit 1 when one is over its budget."""
    folders = {path.parent.name: path.parent for path in sorted((ROOT / "functions").glob("*/app.py"))}
    medians = measure(folders)
    table = Table("handler", "start ms", "times an empty one", "times the libraries", "budget")
    over = []
    for name in medians:
        ratio, budget = medians[name] / medians["libraries"], WAKE_BUDGET if name == "wake" else BUDGET
        judged = name in folders
        against_empty = f"{medians[name] / medians['empty']:.1f}"
        table.add_row(name, f"{medians[name] * 1000:.0f}", against_empty, f"{ratio:.2f}", str(budget) if judged else "")
        over += [name] if judged and ratio > budget else []
    Console().print(table)
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()

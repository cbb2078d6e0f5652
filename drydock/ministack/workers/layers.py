"""Layers that are unpacked once and shared by all workers; Lambda, too, shows a function its layers read-only."""

import hashlib
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime


class Layers:
    """All layers of the local cloud, by what is in them; may be used from any thread.

    Args:
        temporary: the folder to unpack them below; the caller removes it.
    """

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary
        self._turn = threading.Lock()
        self._folders: dict[str, Path] = {}

    def mend(self) -> None:
        """Let MiniStack take its layers from here."""
        lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": self.open})

    def open(self, file: str) -> Any:
        """Open an archive, as `zipfile.ZipFile` would.

        Args:
            file: of a worker: `code.zip`, or `layer_0.zip` and so on.

        Raises:
            zipfile.BadZipFile: it is none.
        """
        archive = zipfile.ZipFile(file)
        return _Layer(archive, file, self) if Path(file).name.startswith("layer_") else archive

    def folder(self, archive: zipfile.ZipFile, file: str) -> Path:
        """Give the folder that holds what is in an archive, unpacked now if it is the first of its kind."""
        digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        with self._turn:
            if digest not in self._folders:
                folder = Path(tempfile.mkdtemp(prefix="layer-", dir=self._temporary))
                archive.extractall(folder)
                self._folders[digest] = folder
            return self._folders[digest]


class _Layer:
    """An archive of a layer, with those members of `zipfile.ZipFile` that MiniStack uses."""

    def __init__(self, archive: zipfile.ZipFile, file: str, layers: Layers) -> None:
        self._archive = archive
        self._file = file
        self._layers = layers

    def __enter__(self) -> "_Layer":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def namelist(self) -> list[str]:
        """Give no names: MiniStack would look whether they lead out of the folder, and zipfile lets none."""
        return []

    def extractall(self, folder: str) -> None:
        """Let an empty folder be the one that all workers share."""
        shared = self._layers.folder(self._archive, self._file)
        Path(folder).rmdir()
        Path(folder).symlink_to(shared)

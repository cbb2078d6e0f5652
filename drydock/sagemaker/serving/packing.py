"""Packs objects of a bucket as one archive, so that a model that is not packed goes the way of every other."""

import gzip
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path


def pack_objects(objects: Iterable[tuple[str, bytes]], to: Path) -> None:
    """Write an archive, the same bytes for the same objects; what is in it is judged where it is unpacked.

    Args:
        objects: their keys without the folder's, and their bytes.
        to: the file.

    Raises:
        FileNotFoundError: there are none.
        OSError: one is the mark of a folder, with which AWS does not serve the model either.
    """
    found = sorted(objects)
    if not found:
        raise FileNotFoundError(to)
    with (
        to.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=0, fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, body in found:
            if name.endswith("/"):
                raise OSError(f"{name} is a folder")
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))

"""Packs models as SageMaker expects them: members at the root of a tar.gz, the same bytes for the same content."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path


def pack(members: Mapping[str, bytes]) -> bytes:
    """Give a tar.gz with these members; nothing in it depends on when or by whom it was made.

    Args:
        members: path in the archive → content.
    """
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, content in sorted(members.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o644, 0
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def handlers(example: str) -> bytes:
    """Read the inference.py of an example."""
    folder = Path(__file__).parent / "handlers" / example.replace("-", "_")
    return (folder / "inference.py").read_bytes()

"""How soon a wrong drop of any size is REJECTED on the local cloud: `python -m benchmarks.refusal`.

Each archive is sound but for its last member, which climbs out of the folder: the whole of it has to be read. The time
is that from the end of the upload to the closed release, workers warm. Budgets: 2 s up to 100 MB, 10 s for 1 GB, and no
call to SageMaker at all.
"""

import gzip
import io
import os
import random
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.release import local_cloud
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Outcome
from tests.scenarios.person import Person
from tests.scenarios.rollouts import counting_calls

MEGABYTE = 1 << 20
BUDGETS = {1: 2.0, 100: 2.0, 1000: 10.0}
"""Packed megabytes, and seconds from the upload's end to REJECTED."""


def write_hostile(path: Path, megabytes: int) -> None:
    """Write so many megabytes of weights, stored as gzip stores what does not compress, and a last member to refuse."""
    block = random.Random(megabytes).randbytes(MEGABYTE)  # noqa: S311 - no secret
    with gzip.open(path, "wb", compresslevel=0) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        weights = tarfile.TarInfo("model.bin")
        weights.size = megabytes * MEGABYTE
        tar.addfile(weights, _Repeated(block, megabytes))
        climbing = tarfile.TarInfo("../escaped.txt")
        climbing.size = 1
        tar.addfile(climbing, io.BytesIO(b"x"))


class _Repeated(io.RawIOBase):
    """The same block over and over, for a tar that is larger than one wants in memory."""

    def __init__(self, block: bytes, times: int) -> None:
        super().__init__()
        self._blocks: Iterator[bytes] = (block for _ in range(times))
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            more = next(self._blocks, b"")
            if not more:
                break
            self._rest += more
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def refused_after(person: Person, path: Path, version: str) -> tuple[float, int, str]:
    """Drop a file; give the seconds from the end of the upload to REJECTED, SageMaker's calls, and the reason."""
    key = f"models/refused/{version}/model.tar.gz"
    s3 = person.client("s3")
    with counting_calls(person) as calls:
        s3.upload_file(str(path), person.bucket, key)
        began = time.perf_counter()
        found = s3.head_object(Bucket=person.bucket, Key=key)
        release = person.release_of(ObjectRef(person.bucket, key, found["VersionId"]))
        seconds = time.perf_counter() - began
    assert release.outcome is Outcome.REJECTED, release.reason
    return seconds, sum(calls.values()), release.reason


def main() -> None:
    """Drop, measure, print and exit 1 when anything is over its budget."""
    os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    table, is_over = Table("packed MB", "seconds to REJECTED", "budget", "SageMaker calls"), False
    with local_cloud() as person, tempfile.TemporaryDirectory() as folder:
        for megabytes, budget in BUDGETS.items():
            path = Path(folder, f"{megabytes}.tar.gz")
            write_hostile(path, megabytes)
            seconds, calls, _ = refused_after(person, path, str(megabytes))
            is_over |= seconds > budget or calls > 0
            table.add_row(f"{path.stat().st_size / 1e6:.0f}", f"{seconds:.2f}", f"{budget:g}", str(calls))
    Console().print(table)
    sys.exit(1 if is_over else 0)


if __name__ == "__main__":
    main()

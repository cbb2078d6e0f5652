"""How fast an artifact is verified, held against plain gunzip + sha256 of it: `python -m benchmarks.intake`.

Kinds of data differ in what inflating them costs, so each is its own line; the best of interleaved rounds, since only
interruptions make a pass slower. Memory is the peak of the whole process above what it took before, measured in a
process of its own. Budgets: 80 % of the plain speed, 64 MB, and a hostile archive refused within a second. Of small
files the headers are what takes time, some ten microseconds each, not the bytes: that line has no share to keep, only
the second.
"""

import hashlib
import io
import random
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from slipway.intake.archive import inspect
from tests.unit.hostile_archives import HOSTILE, header, zeros

ROUNDS = 7
SMALL = "nine thousand small files"
MEGABYTES = 64
CHUNK = 1 << 20
SHARE_BUDGET, MEMORY_BUDGET, HOSTILE_BUDGET = 0.8, 64.0, 1.0


def packed(contents: list[bytes], level: int) -> bytes:
    """Pack files of these contents."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=level) as archive:
        for index, content in enumerate(contents):
            info = tarfile.TarInfo(f"part-{index}.bin")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def corpus() -> dict[str, bytes]:
    """Make archives as unlike one another as models are."""
    chance = random.Random(7)  # noqa: S311 — no secret
    noise = chance.randbytes(MEGABYTES << 20)
    floats = b"".join(bytes([0, chance.randrange(256), chance.randrange(40), 63]) for _ in range(1 << 20)) * 8
    text = b"\n".join(b"%d,%d,%.3f" % (n, n * 7 % 997, n / 3) for n in range(1_500_000))
    return {
        "weights that do not compress": packed([noise], 1),
        "weights that compress by half": packed([floats, floats], 6),
        "text": packed([text], 6),
        SMALL: packed([noise[n * 4096 : (n + 1) * 4096] for n in range(9_000)], 1),
    }


def chunks(data: bytes) -> Iterator[bytes]:
    """Cut as S3 gives it."""
    return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))


def plainly(data: bytes) -> None:
    """Inflate and hash, and nothing else; in pieces, since an artifact does not fit into memory."""
    inflate, digest = zlib.decompressobj(wbits=31), hashlib.sha256()
    for chunk in chunks(data):
        digest.update(chunk)
        rest = chunk
        while rest:
            inflate.decompress(rest, CHUNK)
            rest = inflate.unconsumed_tail


def verified(data: bytes) -> None:
    """Verify, as the step does."""
    found = inspect(chunks(data))
    assert found.is_sound, found.findings


def refused(data: bytes) -> None:
    """Refuse, as the step does."""
    assert inspect(chunks(data)).findings


def seconds(action: Callable[[bytes], None], data: bytes) -> float:
    """Take the time of one pass."""
    began = time.perf_counter()
    action(data)
    return time.perf_counter() - began


def peak_megabytes() -> float:
    """Verify a gigabyte of zeros and every hostile archive in a fresh process; returns its growth in megabytes."""
    program = "import sys; from benchmarks.intake import grow; print(grow(sys.argv[1]))"
    with tempfile.TemporaryDirectory() as folder:
        made = [zeros(header(b"model", 1 << 30), 1024), *(make() for make, _ in HOSTILE.values())]
        for index, data in enumerate(made):
            Path(folder, str(index)).write_bytes(data)
        command = [sys.executable, "-c", program, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def grow(folder: str) -> float:
    """Give the growth of this process over all the archives of a folder, in megabytes."""
    before = memory("VmRSS")
    for path in Path(folder).iterdir():
        with path.open("rb") as file:
            inspect(iter(lambda: file.read(CHUNK), b""))
    return memory("VmHWM") - before


def memory(field: str) -> float:
    """Read a line of what Linux knows of this process's memory, in megabytes (proc_pid_status(5))."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))


def slowest_refusal() -> tuple[str, float]:
    """Find the hostile archive that takes longest to be refused."""
    made = {name: make() for name, (make, _) in HOSTILE.items()}
    taken = {name: seconds(refused, data) for name, data in made.items()}
    return max(taken.items(), key=lambda each: each[1])


def main() -> None:
    """Measure, print and exit 1 when anything is over its budget."""
    table = Table("archive", "packed MB", "gunzip + sha256 ms", "verified ms", "share of the plain speed")
    is_over = False
    for name, data in corpus().items():
        rounds = [(seconds(plainly, data), seconds(verified, data)) for _ in range(ROUNDS)]
        plain, ours = (min(taken) for taken in zip(*rounds, strict=True))
        is_over |= ours > HOSTILE_BUDGET if name == SMALL else plain / ours < SHARE_BUDGET
        table.add_row(name, f"{len(data) / 1e6:.0f}", f"{plain * 1e3:.0f}", f"{ours * 1e3:.0f}", f"{plain / ours:.0%}")
    growth, (hostile, took) = peak_megabytes(), slowest_refusal()
    console = Console()
    console.print(table)
    console.print(f"memory: {growth:.0f} MB at most (budget {MEMORY_BUDGET:.0f})")
    console.print(f"{len(HOSTILE)} hostile archives, the slowest refusal in {took * 1e3:.0f} ms: {hostile}")
    sys.exit(1 if is_over or growth > MEMORY_BUDGET or took > HOSTILE_BUDGET else 0)


if __name__ == "__main__":
    main()

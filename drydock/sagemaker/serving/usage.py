"""What an instance uses of its machine: processor, memory, disk, as `/aws/sagemaker/Endpoints` reports them.

Read from Linux's /proc, without walking all processes; other systems are not measured.
"""

import os
import shutil
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_PROC = Path("/proc")
_USER_TIME, _SYSTEM_TIME, _CHILD_USER_TIME, _CHILD_SYSTEM_TIME = 11, 12, 13, 14
"""Places in /proc/<pid>/stat after the name (proc_pid_stat(5)), in ticks."""


@dataclass(frozen=True)
class Usage:
    """Shares of the machine, in percent."""

    cpu: float
    """Of one core; as many times 100 as there are cores at most."""
    memory: float
    """Of all memory; what processes share is divided between them (PSS)."""
    disk: float
    """Of the disk that the model lies on: the model, its libraries and what the container has written."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.cpu + other.cpu, self.memory + other.memory, self.disk + other.disk)


class Gauge:
    """Measures one instance.

    Args:
        pid: its first process.
        model: its model and libraries, which do not change any more.
        home: where it may write.
    """

    def __init__(self, pid: int, model: Path, home: Path) -> None:
        self._pid = pid
        self._model = model
        self._home = home
        self._pids: list[int] = []
        self._seconds = 0.0
        self._since = time.monotonic()
        self._held = (0.0, 0.0)

    def read(self) -> Usage | None:
        """Measure; the processor since the last time. Takes milliseconds, so not on the event loop.

        Adding up memory and disk is most of that, and what has not run since the last time holds what it held.

        Returns:
            None when a process of it ended meanwhile, or on a system that does not tell.
        """
        if sys.platform != "linux":
            return None
        try:
            pids = _family(self._pid)
            seconds = sum(_processor_seconds(pid) for pid in pids)
            if (pids, seconds) != (self._pids, self._seconds):
                self._held = (_memory_share(pids), self._disk_share())
        except (FileNotFoundError, ProcessLookupError):
            return None
        now = time.monotonic()
        spent, passed = max(seconds - self._seconds, 0.0), max(now - self._since, 1e-3)
        self._pids, self._seconds, self._since = pids, seconds, now
        memory, disk = self._held
        return Usage(100 * spent / passed, 100 * memory, 100 * disk)

    def _disk_share(self) -> float:
        return (self._fixed + _size(self._home)) / shutil.disk_usage(self._model).total

    @cached_property
    def _fixed(self) -> int:
        return _size(self._model)


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for task in (_PROC / str(each) / "task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _processor_seconds(pid: int) -> float:
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    ticks = (_USER_TIME, _SYSTEM_TIME, _CHILD_USER_TIME, _CHILD_SYSTEM_TIME)
    return sum(int(fields[place]) for place in ticks) / os.sysconf("SC_CLK_TCK")


def _memory_share(pids: list[int]) -> float:
    return sum(_memory(pid) for pid in pids) / (os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _memory(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except PermissionError:  # a process in a user namespace of its own: what is resident, though it be shared
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))

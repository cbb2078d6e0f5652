"""What processes have taken of the machine, read from /proc; nothing where there is none."""

import os
from pathlib import Path

_PROC = Path("/proc")


def tree(root: int) -> list[int]:
    """Give a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in _PROC.glob("[0-9]*/stat"):
        children.setdefault(int(_fields(stat)[1]), []).append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def seconds(pid: int) -> float:
    """Give the seconds of the processor that a process has used; 0 where it is gone."""
    fields = _fields(_PROC / str(pid) / "stat")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Give the memory of a process, what it shares divided among those that share it (PSS)."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _fields(stat: Path) -> list[str]:
    """Give what follows a process's name: its state, its parent, and so on."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 20

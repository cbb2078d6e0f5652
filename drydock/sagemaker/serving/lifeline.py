"""No process outlives the one that started it, however that one ended."""

import ctypes
import os
import signal
import sys
import threading
import traceback
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_CRASHED = 70
"""EX_SOFTWARE of sysexits."""


class Ending:
    """The end of a forked child: whatever its block does, it never returns into what its parent was doing."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> NoReturn:
        code = error.code if isinstance(error, SystemExit) else _CRASHED
        if error is not None and not isinstance(error, SystemExit):
            traceback.print_exception(error)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def kill_group(pid: int) -> None:
    """Kill what a child, the leader of its group, started and left behind."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nobody is left in it; macOS says it the second way
        return


def die_with_parent(parent: int, number: signal.Signals) -> None:
    """Ask Linux for a signal when the parent dies; elsewhere the pipes tell, a little later.

    Args:
        parent: the parent's process id; when it died before this call, this process ends at once.
        number: the signal.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def end_with(life: int) -> None:
    """End this process's group when the zygote is gone.

    Args:
        life: read end of a pipe whose other end only the zygote holds.
    """

    def wait() -> None:
        os.read(life, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()

"""Ending processes: the server, and what a server that crashed left behind."""

import contextlib
import os
import signal
import time
from collections.abc import Callable

_LOOK_EVERY = 0.05


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Look until something is so, or the time is over; says whether it is so."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_EVERY)
    return True


def is_alive(pid: int) -> bool:
    """Whether the process exists; one of our own that ended is collected first."""
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    return _exists(os.kill, pid)


def group_is_alive(leader: int) -> bool:
    """Whether the process group still has a member."""
    return _exists(os.killpg, leader)


def terminate(pid: int) -> None:
    """Ask a process to end."""
    _send(os.kill, pid, signal.SIGTERM)


def kill_group(leader: int) -> None:
    """End every process of a group."""
    _send(os.killpg, leader, signal.SIGKILL)


def _exists(send: Callable[[int, int], None], pid: int) -> bool:
    try:
        send(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _send(send: Callable[[int, int], None], pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(pid, number)

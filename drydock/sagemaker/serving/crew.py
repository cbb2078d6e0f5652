"""Several worker processes behind one listening socket, as SAGEMAKER_MODEL_SERVER_WORKERS asks a model server for."""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable

from drydock.sagemaker.serving.lifeline import Ending, die_with_parent

SHORT_LIFE = 1.0
"""Seconds; a worker that lived no longer is replaced only after as many, so that one that cannot load does not spin."""


class Crew:
    """Keeps a number of workers running: one that ends is replaced, SIGTERM is handed on and waited for.

    Args:
        size: how many.
        life: read end of a pipe that ends when all are to be killed.
        work: what a worker does; it runs in a process of its own and should not return.
    """

    def __init__(self, size: int, life: int, work: Callable[[], None]) -> None:
        self._life = life
        self._work = work
        self._due = [0.0] * size
        """When workers are to be started, by the monotonic clock."""
        self._workers: dict[int, float] = {}
        """Process id → when it was started."""
        self._ending = False
        self._wake_reader, self._wake_writer = os.pipe()

    def run(self) -> None:
        """Start workers and keep them until SIGTERM has ended them all; kills them when the pipe of life ends."""
        os.set_blocking(self._wake_writer, False)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self._life, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while self._workers or not self._ending:
                self._start_due()
                self._turn({key.fd for key, _ in selector.select(self._pause())})

    def _turn(self, ready: set[int]) -> None:
        if self._life in ready:
            os.killpg(0, signal.SIGKILL)
        if self._wake_reader in ready and signal.SIGTERM in os.read(self._wake_reader, 4096):
            self._ending = True
            for pid in self._workers:
                os.kill(pid, signal.SIGTERM)
        self._reap()

    def _pause(self) -> float | None:
        return max(min(self._due) - time.monotonic(), 0.0) if self._due else None

    def _start_due(self) -> None:
        now = time.monotonic()
        due = [at for at in self._due if at <= now]
        self._due = [] if self._ending else [at for at in self._due if at > now]
        for _ in due if not self._ending else ():
            self._start()

    def _start(self) -> None:
        crew = os.getpid()
        pid = os.fork()
        if pid == 0:
            with Ending():
                signal.set_wakeup_fd(-1)
                for number in (signal.SIGCHLD, signal.SIGTERM):
                    signal.signal(number, signal.SIG_DFL)
                for descriptor in (self._wake_reader, self._wake_writer):
                    os.close(descriptor)
                die_with_parent(crew, signal.SIGKILL)
                self._work()
        self._workers[pid] = time.monotonic()

    def _reap(self) -> None:
        for pid in list(self._workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                now = time.monotonic()
                lived = now - self._workers.pop(pid)
                self._due.append(now + SHORT_LIFE if lived < SHORT_LIFE else now)
                if not self._ending:
                    code = os.waitstatus_to_exitcode(status)
                    sys.stderr.write(f"worker {pid} has ended with {code}; another one takes its place\n")

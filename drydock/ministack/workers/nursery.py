"""Starts the workers of Lambda functions: forked where that gives what a fresh interpreter would, else started."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from ministack.core import lambda_runtime

from drydock.ministack.workers.zygote import LARGEST

_LAYERS = "_LAMBDA_LAYERS_DIRS"
"""Where MiniStack tells a worker of the folders that its layers were unpacked to."""


class ForkedWorker:
    """A worker, with those members of `subprocess.Popen` that MiniStack uses; how it ended is not told.

    Args:
        pid: its process id.
        process: descriptor of the process; closed with this object.
        streams: this side's ends of its stdin, stdout and stderr.
    """

    def __init__(self, pid: int, process: int, streams: list[int]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._process = open(process, "rb", buffering=0)  # noqa: SIM115 - closed with this object
        self.stdin: IO[str] = os.fdopen(streams[0], "w", buffering=1)
        self.stdout: IO[str] = os.fdopen(streams[1])
        self.stderr: IO[str] = os.fdopen(streams[2])

    def poll(self) -> int | None:
        """Give None while it runs, then 0."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it runs still.
        """
        if self.returncode is None:
            if not select.select([self._process], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("worker", timeout or 0.0)
            self.returncode = 0
        return self.returncode

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process.fileno(), number)


class Nursery:
    """All workers of the local cloud; may be used from any thread.

    The first one waits until what forks them has done its imports. Only Linux forks; elsewhere workers are started.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._control: socket.socket | None = None
        self._closed = sys.platform != "linux"

    def mend(self) -> None:
        """Let MiniStack start its workers here."""
        lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": self.start})

    def start(self, command: list[str], *, cwd: str, env: Mapping[str, str], **streams: Any) -> Any:
        """Start a worker, as `subprocess.Popen` would.

        Args:
            command: an interpreter and a script.
            cwd: the unpacked function.
            env: its environment.
            streams: further arguments of Popen.
        """
        if command[0] == sys.executable:
            with self._turn:
                worker = self._fork(command[1], cwd, env)
            if worker is not None:
                return worker
        return subprocess.Popen(command, cwd=cwd, env=env, **streams)  # noqa: S603 - what MiniStack would start

    def close(self) -> None:
        """End the process that forks; the workers are MiniStack's to end."""
        with self._turn:
            self._give_up()

    def _fork(self, script: str, cwd: str, env: Mapping[str, str]) -> ForkedWorker | None:
        """Fork a worker; None where it must be started: it brings a library of its own, or nobody forks any more."""
        if self._closed:
            return None
        try:
            control = self._control or self._begin()
            return None if self._brings(cwd, env) else self._order(control, script, cwd, env)
        except (OSError, ValueError):
            self._give_up()
            return None

    def _begin(self) -> socket.socket:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "drydock.ministack.workers.zygote", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._loaded = frozenset(json.loads(self._control.recv(LARGEST)))
        return self._control

    def _order(self, control: socket.socket, script: str, cwd: str, env: Mapping[str, str]) -> ForkedWorker | None:
        pipes = [os.pipe(), os.pipe(), os.pipe()]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        ours = [pipes[0][1], pipes[1][0], pipes[2][0]]
        order = json.dumps({"script": script, "cwd": cwd, "env": dict(env)}).encode()
        answer, descriptors = b"", list[int]()
        try:
            socket.send_fds(control, [order], theirs)
            answer, descriptors, _, _ = socket.recv_fds(control, 32, 1)
        finally:
            for descriptor in theirs if descriptors else theirs + ours:
                os.close(descriptor)
        return ForkedWorker(int(answer), descriptors[0], ours) if descriptors else None

    def _brings(self, cwd: str, env: Mapping[str, str]) -> bool:
        """Whether a function or a layer holds a module that has been loaded already, perhaps in another version."""
        layers = [Path(folder) for folder in env.get(_LAYERS, "").split(os.pathsep) if folder]
        folders = [Path(cwd), *layers, *(layer / "python" for layer in layers)]
        found = {entry.name.partition(".")[0] for folder in folders if folder.is_dir() for entry in folder.iterdir()}
        return bool(found & self._loaded) or any((layer / "python" / "lib").exists() for layer in layers)

    def _give_up(self) -> None:
        self._closed = True
        if self._control:
            self._control.close()
            self._control = None
            self._zygote.wait()

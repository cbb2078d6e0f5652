"""The launcher's side of the zygote: starts it, sends it orders, knows which children live."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import drydock
from drydock.sagemaker.serving.orders import End, Fork, Kill, Load, Order, Report, packed, read_report
from drydock.sagemaker.surroundings import LaunchError

_MODULE = "drydock.sagemaker.serving.zygote"
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_PATIENCE_SECONDS = 10.0
_ENDED_WITH_ZYGOTE = -int(signal.SIGKILL)


class Child:
    """A forked process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """How it ended: exit code, or the negative number of the signal."""


class Forker:
    """One zygote. Belongs to the event loop that started it.

    Args:
        run_folder: what the zygote removes when it ends.
    """

    def __init__(self, run_folder: Path) -> None:
        self._run_folder = run_folder
        self._starts: dict[int, asyncio.Future[int]] = {}
        self._children: dict[int, Child] = {}
        self._sending = asyncio.Lock()
        self._orders = 0
        self._unread = b""
        self.alive = False

    async def start(self) -> None:
        """Start the process and wait until its imports are done.

        Raises:
            LaunchError: it ended before.
        """
        self._loop = asyncio.get_running_loop()
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        self._starts[0] = self._loop.create_future()
        with theirs:
            self._process = self._spawn(theirs.fileno())
        self.alive = True
        self._loop.add_reader(self._control, self._read)
        await asyncio.shield(self._starts[0])

    def _spawn(self, descriptor: int) -> subprocess.Popen[bytes]:
        # From the thread of the event loop: Linux ties "the parent died" to the thread that started the process.
        root = str(Path(drydock.__file__).parents[1])
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-u", "-P", "-m", _MODULE, str(descriptor), str(self._run_folder), str(os.getpid())],
            env={**inherited, **_ONE_THREAD, "PYTHONPATH": root},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            start_new_session=True,
        )

    async def load(self) -> None:
        """Let the zygote import what most models need.

        Raises:
            LaunchError: it has ended.
        """
        self._orders += 1
        loaded = self._starts[self._orders] = self._loop.create_future()
        try:
            await self._send(Load(self._orders), [])
        except OSError as error:
            raise LaunchError(f"no process can be started: {error}") from error
        await asyncio.shield(loaded)

    async def fork(self, order: Fork, listener: socket.socket, log: int) -> Child:
        """Fork a container.

        Args:
            order: what it is to be; its number is given here.
            listener: what it accepts connections from.
            log: what its output goes to; a file descriptor.

        Raises:
            LaunchError: there is no process.
        """
        self._orders += 1
        order = replace(order, order=self._orders)
        started = self._starts[self._orders] = self._loop.create_future()
        try:
            await self._send(order, [listener.fileno(), log])
            pid = await asyncio.shield(started)
        except OSError as error:
            raise LaunchError(f"no process can be started: {error}") from error
        except asyncio.CancelledError:
            started.add_done_callback(self._abandon)
            raise
        return self._children[pid]

    def _abandon(self, started: asyncio.Future[int]) -> None:
        if not started.exception():
            self._abandoning = self._loop.create_task(self.kill(self._children[started.result()], signal.SIGKILL))

    async def kill(self, child: Child, number: signal.Signals) -> None:
        """Send a signal to a child that may have ended already."""
        if not child.ended.done() and self.alive:
            await self._send(Kill(child.pid, int(number)), [])

    async def _send(self, order: Order, descriptors: list[int]) -> None:
        head, body = packed(order)
        async with self._sending:
            socket.send_fds(self._control, [head], descriptors)
            await self._loop.sock_sendall(self._control, body)

    def _read(self) -> None:
        try:
            data = self._control.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._take(read_report(line))

    def _take(self, report: Report) -> None:
        if report.ended:
            self._children.pop(report.pid).ended.set_result(report.status)
            return
        if report.pid:
            self._children[report.pid] = Child(report.pid)
        started = self._starts.pop(report.order)
        if report.failure:
            started.set_exception(LaunchError(f"no process can be started: {report.failure}"))
        else:
            started.set_result(report.pid)

    def _lost(self) -> None:
        self.alive = False
        self._loop.remove_reader(self._control)
        for started in self._starts.values():
            started.set_exception(LaunchError("no process can be started: the process that forks them has ended"))
        for child in self._children.values():
            child.ended.set_result(_ENDED_WITH_ZYGOTE)
        self._starts.clear()
        self._children.clear()

    async def stop(self) -> None:
        """Let the zygote kill what still runs, and wait for its end."""
        if self.alive:
            await self._send(End(), [])
            self._lost()
        self._control.close()
        await asyncio.to_thread(self._wait)

    def _wait(self) -> None:
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

"""A process that has imported what models need and forks one child per instance: a start costs a fork, not an import.

Run as `python -m drydock.sagemaker.serving.zygote <control descriptor> <run folder> <parent's pid>`. When the control
socket breaks off, its owner has crashed: every child is killed and the run folder removed in its place.
"""

import ctypes
import faulthandler
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from drydock.sagemaker.serving import container
from drydock.sagemaker.serving.archive import remove_tree
from drydock.sagemaker.serving.orders import End, Fork, Kill, Order, Report, line, receive

PRELOADED = (
    *("pipeline", "compose", "preprocessing", "impute", "feature_selection", "decomposition", "calibration"),
    *("linear_model", "svm", "tree", "ensemble", "neighbors", "naive_bayes", "neural_network"),
)
"""Parts of scikit-learn that most models use; a model that needs another one imports it itself."""

_PR_SET_PDEATHSIG = 1
_CRASHED = 70
"""EX_SOFTWARE of sysexits."""


class Zygote:
    """Carries out orders until the control socket ends.

    Args:
        control: the zygote's end of the control socket.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: set[int] = set()
        self._done = False
        self._told = False
        self._wake_reader, self._wake_writer = os.pipe()
        self._life_reader, self._life_writer = os.pipe()

    def run(self) -> bool:
        """Fork, signal and report until told to end, until SIGTERM or until the launcher is gone; kill all children.

        Returns:
            Whether it was told to end; False when the launcher vanished.
        """
        os.set_blocking(self._wake_writer, False)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        try:
            self._report(Report())
            with selectors.DefaultSelector() as selector:
                selector.register(self._control, selectors.EVENT_READ)
                selector.register(self._wake_reader, selectors.EVENT_READ)
                while not self._done:
                    self._turn({key.fd for key, _ in selector.select()})
        except ConnectionError:
            return False
        finally:
            self._kill_all()
        return self._told

    def _turn(self, ready: set[int]) -> None:
        if self._wake_reader in ready:
            self._done = self._told = signal.SIGTERM in os.read(self._wake_reader, 4096)
            self._reap()
        if self._control.fileno() in ready:
            self._obey(*receive(self._control))

    def _obey(self, order: Order | None, descriptors: list[int]) -> None:
        match order:
            case Fork():
                self._fork(order, descriptors)
            case Kill() if order.pid in self._children:  # not reaped, so the pid is still its own
                os.kill(order.pid, order.signal)
            case End():
                self._done = self._told = True
            case None:
                self._done = True

    def _report(self, report: Report) -> None:
        self._control.sendall(line(report))

    def _fork(self, order: Fork, descriptors: list[int]) -> None:
        owner = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._report(Report(order.order, failure=str(error)))
        else:
            if pid == 0:
                with _Ending():
                    self._become_container(owner, order, *descriptors)
            self._children.add(pid)
            self._report(Report(order.order, pid))
        for descriptor in descriptors:
            os.close(descriptor)

    def _become_container(self, owner: int, order: Fork, listener: int, log: int) -> None:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(owner, signal.SIGKILL)
        os.dup2(log, 1)
        os.dup2(log, 2)
        self._control.close()
        for descriptor in (log, self._wake_reader, self._wake_writer, self._life_writer):
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(order.environment)
        os.chdir(order.home)
        sys.argv = ["serve"]
        faulthandler.enable()
        gc.enable()
        container.end_with(self._life_reader)
        container.run(socket.socket(fileno=listener), order.base_dir)

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._children.remove(pid)
                _kill_group(pid)
                self._report(Report(pid=pid, ended=True, status=os.waitstatus_to_exitcode(status)))

    def _kill_all(self) -> None:
        for pid in self._children:
            _kill_group(pid)
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)


class _Ending:
    """The end of a child: it never returns into the zygote's loop."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> NoReturn:
        code = error.code if isinstance(error, SystemExit) else _CRASHED
        if error is not None and not isinstance(error, SystemExit):
            traceback.print_exception(error)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def _kill_group(pid: int) -> None:
    """Kill what a child started and left behind."""
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


def main() -> None:
    """Import, freeze, carry out orders, clean up."""
    descriptor, run_folder, parent = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    die_with_parent(parent, signal.SIGTERM)
    gc.disable()
    for name in PRELOADED:
        importlib.import_module(f"sklearn.{name}")
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=descriptor) as control:
        told = Zygote(control).run()
    if not told or os.getppid() != parent:
        remove_tree(run_folder)


if __name__ == "__main__":
    main()

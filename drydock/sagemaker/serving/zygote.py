"""A process that has imported what containers need and forks one child per instance: a start costs a fork, no import.

What models need, too, is imported when that is ordered, or before the first child with a model that was pickled.

Run as `python -m drydock.sagemaker.serving.zygote <control descriptor> <run folder> <parent's pid>`. When the control
socket breaks off, its owner has crashed: every child is killed and the run folder removed in its place.
"""

import gc
import importlib
import os
import select
import selectors
import signal
import socket
import sys
from pathlib import Path

from drydock.sagemaker.serving.archive import remove_tree
from drydock.sagemaker.serving.birth import become_container
from drydock.sagemaker.serving.confinement import make_room
from drydock.sagemaker.serving.lifeline import Ending, die_with_parent, kill_group
from drydock.sagemaker.serving.orders import End, Fork, Kill, Load, Order, Report, line, receive

PRELOADED = (
    *("pipeline", "compose", "preprocessing", "impute", "feature_selection", "decomposition", "calibration"),
    *("linear_model", "svm", "tree", "ensemble", "neighbors", "naive_bayes", "neural_network"),
)
"""Parts of scikit-learn that most models use; a model that needs another one imports it itself."""
_PICKLED = (".joblib", ".pkl", ".pickle")


class Zygote:
    """Carries out orders until the control socket ends.

    Args:
        control: the zygote's end of the control socket.
        obstacle: why containers cannot see their model at /opt/ml/model; "" when they can.
    """

    def __init__(self, control: socket.socket, obstacle: str) -> None:
        self._control = control
        self._obstacle = obstacle
        self._children: set[int] = set()
        self._done = False
        self._told = False
        self._loaded = False
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
            self._done = signal.SIGTERM in os.read(self._wake_reader, 4096)
            self._told = self._done and self._launcher_lives()
            self._reap()
        if self._control.fileno() in ready:
            self._obey(*receive(self._control))

    def _launcher_lives(self) -> bool:
        """Linux sends SIGTERM when the thread that forked has died, a moment before the rest of its process."""
        ready, _, _ = select.select([self._control], [], [], 1.0)
        return not ready or bool(self._control.recv(1, socket.MSG_PEEK))

    def _obey(self, order: Order | None, descriptors: list[int]) -> None:
        match order:
            case Fork():
                if not order.fresh and _is_pickled(Path(order.base_dir, "model")):
                    self._load()
                self._fork(order, descriptors)
            case Load():
                self._load()
                self._report(Report(order.order))
            case Kill() if order.pid in self._children:  # not reaped, so the pid is still its own
                os.kill(order.pid, order.signal)
            case End():
                self._done = self._told = True
            case None:
                self._done = True

    def _report(self, report: Report) -> None:
        self._control.sendall(line(report))

    def _load(self) -> None:
        if not self._loaded:
            for name in PRELOADED:
                importlib.import_module(f"sklearn.{name}")
            _freeze()
        self._loaded = True

    def _fork(self, order: Fork, descriptors: list[int]) -> None:
        owner = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._report(Report(order.order, failure=str(error)))
        else:
            if pid == 0:
                with Ending():
                    self._become_container(owner, order, *descriptors)
            self._children.add(pid)
            self._report(Report(order.order, pid))
        for descriptor in descriptors:
            os.close(descriptor)

    def _become_container(self, owner: int, order: Fork, listener: int, log: int) -> None:
        signal.set_wakeup_fd(-1)
        self._control.close()
        for descriptor in (self._wake_reader, self._wake_writer, self._life_writer):
            os.close(descriptor)
        become_container(order, owner, listener, log, self._life_reader, self._obstacle)

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._children.remove(pid)
                kill_group(pid)
                self._report(Report(pid=pid, ended=True, status=os.waitstatus_to_exitcode(status)))

    def _kill_all(self) -> None:
        for pid in self._children:
            kill_group(pid)
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)


def _freeze() -> None:
    gc.collect()
    gc.freeze()


def _is_pickled(model: Path) -> bool:
    return any(path.suffix in _PICKLED for path in model.rglob("*"))


def main() -> None:
    """Import, freeze, carry out orders, clean up."""
    descriptor, run_folder, parent = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    obstacle = make_room(run_folder)
    die_with_parent(parent, signal.SIGTERM)
    gc.disable()
    _freeze()
    with socket.socket(fileno=descriptor) as control:
        told = Zygote(control, obstacle).run()
    if not told or os.getppid() != parent:
        remove_tree(run_folder)


if __name__ == "__main__":
    main()

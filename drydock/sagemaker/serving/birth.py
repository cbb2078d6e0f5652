"""From a forked process to a container: its output, its environment, its view of the machine, then its server."""

import faulthandler
import gc
import os
import signal
import socket
import sys
from pathlib import Path

import drydock
from drydock.sagemaker.serving import container
from drydock.sagemaker.serving.confinement import BASE_DIR, leave_network, show_model
from drydock.sagemaker.serving.lifeline import die_with_parent
from drydock.sagemaker.serving.orders import Fork

_MODULE = "drydock.sagemaker.serving.birth"


def become_container(order: Fork, zygote: int, listener: int, log: int, life: int, obstacle: str) -> None:
    """Turn this process, just forked, into a container and serve; does not return.

    Args:
        order: what to become.
        zygote: process id of the parent.
        listener: file descriptor of the listening socket.
        log: file descriptor for all output.
        life: read end of a pipe that ends with the zygote.
        obstacle: why no model can be shown at /opt/ml/model; "" when it can.
    """
    os.setsid()
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    base_dir = _confine(order, obstacle)
    die_with_parent(zygote, signal.SIGKILL)  # only now: a change of namespace takes the wish back
    os.environ.clear()
    os.environ.update(order.environment)
    os.environ.update(SAGEMAKER_BASE_DIR=str(base_dir), SM_MODEL_DIR=str(base_dir / "model"))
    theirs = order.environment.get("PYTHONPATH", "").split(os.pathsep)
    wanted = (str(base_dir / "model" / "code"), order.packages, *theirs)
    paths = [path for path in wanted if path]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.chdir(order.home)
    if order.fresh:
        _exec(listener, life)
    sys.path[:0] = paths
    gc.enable()
    _serve(listener, life)


def _confine(order: Fork, obstacle: str) -> Path:
    if order.isolated:
        try:
            leave_network()
        except OSError as error:
            sys.stderr.write(f"Drydock: network isolation is not possible here: {error}\n")
    base_dir = Path(order.base_dir)
    if not obstacle:
        try:
            show_model(base_dir / "model")
        except OSError as error:
            obstacle = str(error)
        else:
            return BASE_DIR
    sys.stderr.write(f"Drydock: the model is in SM_MODEL_DIR, not in {BASE_DIR / 'model'}: {obstacle}\n")
    return base_dir


def _exec(listener: int, life: int) -> None:
    # The libraries that the zygote has loaded are not those that this model asks for.
    root = str(Path(drydock.__file__).parents[1])
    os.environ["PYTHONPATH"] += os.pathsep + root
    for descriptor in (listener, life):
        os.set_inheritable(descriptor, True)
    os.execv(sys.executable, [sys.executable, "-u", "-P", "-m", _MODULE, str(listener), str(life)])  # noqa: S606


def _serve(listener: int, life: int) -> None:
    sys.argv = ["serve"]
    faulthandler.enable()
    container.run(socket.socket(fileno=listener), life, os.environ["SAGEMAKER_BASE_DIR"])


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))

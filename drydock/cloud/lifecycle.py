"""Start and stop the local cloud."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from drydock.cloud import processes
from drydock.cloud.folder import Cloud, CloudError, Folder
from drydock.ministack import environment
from drydock.ministack.environment import HOST, Options

Say = Callable[[str], None]
"""Hears what is going on, one line at a time."""

DEFAULT_STATE = ".slipway"
_BOOT_SECONDS = 60.0
_STOP_SECONDS = 15.0
_KEEPING_SECONDS = 120.0
"""What a cloud has that writes down what it holds: killing it loses that, so a busy machine gets its time."""
_LOG_LINES = 15


def silent(_: str) -> None:
    """Say nothing."""


def up(
    root: Path,
    port: int = 4566,
    scale: float = 60.0,
    provisioning_seconds: float = 0.0,
    state: Path | None = None,
    say: Say = silent,
    keep: bool = False,
) -> Cloud:
    """Start the local cloud in the background and wait until it answers; harmless when it runs already.

    Args:
        root: the checkout.
        port: where it listens, on the loopback only.
        scale: how much faster than AWS durations pass.
        provisioning_seconds: what it takes on AWS to bring an instance up, divided by the scale too.
        state: the folder for its files; default `.slipway` in the checkout.
        say: hears the progress.
        keep: go on with what was kept, if anything was, and keep what there is at the end; where this is False, what
            was kept stays where it is, unread.

    Raises:
        CloudError: the port is taken, a setting makes no sense, it runs already with others, or it did not come up.
    """
    if scale <= 0:
        raise CloudError(f"The time scale is {scale}; it must be above zero.")
    folder = Folder((state or root / DEFAULT_STATE).resolve())
    known = running(folder.path)
    options = Options(port, folder.path, scale, provisioning_seconds, keep)
    if known:
        _demand_same(known, options)
        return known
    down(folder.path)
    _listen(port).close()
    say(f"Starting the local cloud on port {port}")
    return _start(root, folder, options)


def _start(root: Path, folder: Folder, options: Options) -> Cloud:
    process = _spawn(root, folder, options)
    processes.wait_until(lambda: process.poll() is not None or _answers(folder, process.pid), _BOOT_SECONDS)
    cloud = running(folder.path)
    if cloud is None:
        tail = _tail(folder)
        down(folder.path)
        raise CloudError(f"The local cloud did not come up on port {options.port}:\n{tail}")
    return cloud


def _demand_same(known: Cloud, options: Options) -> None:
    settings = (known.port, known.scale, known.provisioning_seconds, known.keep)
    if settings != (options.port, options.scale, options.provisioning_seconds, options.keep):
        raise CloudError(f"It runs on port {known.port} with other settings; `slipway down` stops it.")


def _tail(folder: Folder) -> str:
    return "\n".join(folder.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]) if folder.log.exists() else ""


def running(state: Path) -> Cloud | None:
    """Give the cloud of this folder if it runs and answers."""
    folder = Folder(state.resolve())
    cloud = folder.read()
    return cloud if cloud and folder.is_occupied() and _answers(folder, cloud.pid) else None


def is_kept(state: Path) -> bool:
    """Whether an earlier life of the cloud of this folder left something to go on with."""
    return Folder(state.resolve()).kept_by() is not None


def down(state: Path, say: Say = silent, *, forget: bool = False) -> bool:
    """Stop the cloud of this folder and remove its files, also those of one that crashed.

    Args:
        state: the folder.
        say: hears the progress.
        forget: remove what is kept, too.

    Returns:
        Whether there was something to stop, or to forget.

    Raises:
        CloudError: what was to be kept could not be; what was kept before is still there.
    """
    folder = Folder(state.resolve())
    cloud = folder.read()
    occupied = folder.is_occupied()
    if cloud and occupied:
        say(f"Stopping the local cloud on port {cloud.port}")
        processes.terminate(cloud.pid)
        patience = _KEEPING_SECONDS if cloud.keep and not forget else _STOP_SECONDS
        processes.wait_until(lambda: not processes.is_alive(cloud.pid), patience)
    # A group whose leader is gone keeps its number, so these can only be orphans of ours.
    if cloud and (occupied or not processes.is_alive(cloud.pid)) and processes.group_is_alive(cloud.pid):
        processes.kill_group(cloud.pid)
        processes.wait_until(lambda: not processes.group_is_alive(cloud.pid), 1.0)
    lost = _tail(folder) if cloud and occupied and cloud.keep and not forget and folder.kept_by() != cloud.pid else ""
    forgotten = forget and folder.forget()
    folder.clear()
    if lost:
        raise CloudError(f"What the local cloud held could not be kept:\n{lost}")
    return bool(cloud and occupied) or forgotten


def serve(root: Path, options: Options) -> None:
    """Run the local cloud in this process until SIGTERM or SIGINT.

    Raises:
        CloudError: the port is taken, a cloud runs already in this folder, or what was kept there is of another one,
            or what it held could not be kept.
    """
    folder = Folder(options.state.resolve())
    with folder.occupied(), _listen(options.port) as listener:
        temporary = environment.prepare(options)
        # MiniStack reads its environment when it is imported.
        from drydock.cloud.hosting import make_hosting
        from drydock.ministack.keeping import ForeignStateError, UnkeptError
        from drydock.ministack.server import run

        settings = (options.scale, options.provisioning_seconds, options.keep)
        folder.write(Cloud(options.port, os.getpid(), str(root.resolve()), str(folder.path), *settings))
        try:
            run(options, temporary, listener, make_hosting)
        except (ForeignStateError, UnkeptError) as error:
            raise CloudError(str(error)) from error
    folder.clear()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise CloudError(f"Port {port} is in use by another program; set SLIPWAY_PORT to a free one.") from error
    return listener


def _spawn(root: Path, folder: Folder, options: Options) -> subprocess.Popen[bytes]:
    folder.path.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "drydock.cloud", "serve", "--root", str(root), "--state", str(folder.path)]
    command += ["--port", str(options.port), "--scale", str(options.scale)]
    command += ["--provisioning-seconds", str(options.provisioning_seconds), *(["--keep"] if options.keep else [])]
    with folder.log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def _answers(folder: Folder, pid: int) -> bool:
    cloud = folder.read()
    if cloud is None or cloud.pid != pid:
        return False
    try:
        with urllib.request.urlopen(f"{cloud.endpoint}/_ministack/health", timeout=10) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False

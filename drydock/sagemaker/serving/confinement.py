"""What a container sees of this machine: its model at /opt/ml/model, read-only, and no network where none is wanted.

Linux does both with namespaces (unshare(2), mount_namespaces(7)), as container engines do. The zygote enters a mount
namespace once and makes room for /opt/ml there; each container then takes a copy of it and binds its model. Without
root this takes a user namespace, which some systems forbid: then the containers are told so, and read SM_MODEL_DIR.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

OPT = Path("/opt")
BASE_DIR = OPT / "ml"
"""Where SageMaker's containers find everything; the model is in `model` below it."""

_NEWNS, _NEWUSER, _NEWNET = 0x0002_0000, 0x1000_0000, 0x4000_0000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_LOCKED = os.ST_NOSUID | getattr(os, "ST_NODEV", 0) | getattr(os, "ST_NOEXEC", 0) | getattr(os, "ST_NOATIME", 0)
"""Properties of a mount that a user namespace may not take away; their numbers are those of mount(2)."""
_SET_INTERFACE_FLAGS, _INTERFACE_UP = 0x8914, 1


def make_room(run_folder: Path) -> str:
    """Enter a mount namespace of this process's own and put an empty /opt/ml/model in it; the rest of /opt stays.

    Args:
        run_folder: where the models are.

    Returns:
        Why that is not possible here; "" when it is done.
    """
    if sys.platform != "linux":
        return "only Linux has mount namespaces"
    if not OPT.is_dir() or run_folder.is_relative_to(BASE_DIR):
        return f"there is no {OPT}, or the models are in it"
    try:
        _enter_namespace()
        _mount(None, Path("/"), _REC | _PRIVATE)
        _cover_opt()
    except OSError as error:
        return f"this system does not allow it: {error.strerror}"
    return ""


def show_model(model: Path) -> None:
    """Let this process and its children see a folder as /opt/ml/model, read-only; nobody else sees it there.

    Args:
        model: the unpacked archive.

    Raises:
        OSError: the system refuses.
    """
    _unshare(_NEWNS)
    target = BASE_DIR / "model"
    _mount(model, target, _BIND)
    _mount(None, target, _REMOUNT | _BIND | _RDONLY | (os.statvfs(target).f_flag & _LOCKED))


def leave_network() -> None:
    """Cut this process and its children off from every network but a loopback of their own.

    Unix sockets that are files are reached all the same: through one of them the requests come.

    Raises:
        OSError: the system refuses, or knows no network namespaces.
    """
    if sys.platform != "linux":
        raise OSError("only Linux has network namespaces")
    try:
        _unshare(_NEWNET)
    except PermissionError:
        _unshare_as_root(_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, struct.pack("16sH14x", b"lo", _INTERFACE_UP))


def _enter_namespace() -> None:
    try:
        _unshare(_NEWNS)
    except PermissionError:
        _unshare_as_root(_NEWNS)


def _unshare_as_root(kind: int) -> None:
    user, group = os.geteuid(), os.getegid()
    _unshare(_NEWUSER | kind)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def _cover_opt() -> None:
    former = os.open(OPT, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _mount(Path("tmpfs"), OPT, 0, b"tmpfs", b"mode=755,size=1m")
        for entry in Path(f"/proc/self/fd/{former}").iterdir():
            if entry.name != BASE_DIR.name:
                _bring_back(entry, OPT / entry.name)
        (BASE_DIR / "model").mkdir(parents=True)
        _mount(None, OPT, _REMOUNT | _BIND | _RDONLY)
    finally:
        os.close(former)


def _bring_back(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    if source.is_dir():
        target.mkdir()
    else:
        target.touch()
    _mount(source, target, _BIND | _REC)


def _unshare(kind: int) -> None:
    _check(ctypes.CDLL(None, use_errno=True).unshare(kind))


def _mount(source: Path | None, target: Path, flags: int, kind: bytes | None = None, data: bytes | None = None) -> None:
    mount = ctypes.CDLL(None, use_errno=True).mount
    path = os.fsencode(source) if source else None
    _check(mount(path, os.fsencode(target), kind, ctypes.c_ulong(flags), data))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

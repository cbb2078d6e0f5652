"""What the local cloud holds, written to a folder at the end of one life and read at the start of the next."""

import json
import os
import shutil
from pathlib import Path

from drydock.ministack import stores
from drydock.ministack.environment import STAMP, Options

_SCHEMA = 1


class ForeignStateError(Exception):
    """The folder holds what this cloud cannot take over; the text says why and what to do."""


class UnkeptError(Exception):
    """What the cloud held could not be written; the text says why."""


def save(options: Options, hosting: Path) -> None:
    """Replace what was kept by what there is now, or leave it as it was where that fails; nothing may run any more.

    Args:
        options: of the cloud that ends.
        hosting: the file that holds the hosting service's state.

    Raises:
        UnkeptError: it could not be written.
    """
    try:
        _replace(options, hosting)
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise UnkeptError(f"{type(error).__name__}: {error}") from error


def _replace(options: Options, hosting: Path) -> None:
    new, old = options.kept.with_suffix(".new"), options.kept.with_suffix(".old")
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    new.mkdir(parents=True)
    stores.write(new)
    if hosting.exists():
        shutil.copy(hosting, new / hosting.name)
    (new / STAMP).write_text(json.dumps({**_stamp(options), "pid": os.getpid()}))
    if options.kept.exists():
        options.kept.rename(old)
    new.rename(options.kept)
    shutil.rmtree(old, ignore_errors=True)


def recall(options: Options, hosting: Path) -> None:
    """Fill MiniStack's services, which are empty, with what was kept; does nothing where nothing was.

    Args:
        options: of the cloud that begins.
        hosting: where the hosting service looks for its state.

    Raises:
        ForeignStateError: it was kept on another port, or by a Drydock with another way of keeping.
    """
    if not options.kept.exists():
        return
    stamp = json.loads((options.kept / STAMP).read_text())
    del stamp["pid"]
    if stamp != _stamp(options):
        raise ForeignStateError(
            f"What is kept in {options.kept} is of {stamp}, and this cloud is {_stamp(options)}: queues, functions and "
            "outputs of stacks hold the port. Use that one, or forget what is kept with `slipway down --forget`."
        )
    stores.read(options.kept)
    if (options.kept / hosting.name).exists():
        shutil.copy(options.kept / hosting.name, hosting)


def _stamp(options: Options) -> dict[str, int]:
    return {"schema": _SCHEMA, "port": options.port}

"""up and down: the local cloud."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from slipway_cli.checkout import demand_root, state_folder
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.options import Json
from slipway_cli.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from drydock.cloud import Cloud

NEEDED = ("ministack", "samcli", "sagemaker_inference")
"""Packages of the extra `local` without which the local cloud cannot run."""

LOOK_SECONDS = 0.5

Detach = Annotated[bool, typer.Option("--detach", "-d", help="Return once it is ready and leave it running.")]
Port = Annotated[int, typer.Option("--port", envvar="SLIPWAY_PORT", min=1, max=65535, help="Where it listens.")]
Scale = Annotated[
    float,
    typer.Option("--scale", envvar="SLIPWAY_TIME_SCALE", min=1, help="How much faster than AWS durations pass."),
]
Provisioning = Annotated[
    float,
    typer.Option("--provisioning-seconds", min=0, help="What it takes on AWS to bring an instance up."),
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Go on with what was kept, and keep what there is when it goes down.")
]
Forget = Annotated[bool, typer.Option("--forget", help="Remove what is kept, too.")]


def up(
    detach: Detach = False,
    port: Port = 4566,
    scale: Scale = 60.0,
    provisioning_seconds: Provisioning = 0.0,
    keep: Keep = False,
    as_json: Json = False,
) -> None:
    """Start the local cloud with Slipway deployed in it.

    Without --detach it runs until Ctrl-C. Where it runs already, or goes on with --keep, it deploys what has changed.
    """
    root = demand_root()
    _demand_extra()
    from drydock.cloud import CloudError, is_kept, running
    from drydock.cloud import down as stop

    screen, state = Screen(as_json=as_json), state_folder(root)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with ExitStack() as undoing:
            if running(state) is None:
                # What was kept before is gone on with; a first start that fails is worth nothing.
                undoing.callback(stop, state, screen.say, forget=keep and not is_kept(state))
            cloud = _bring_up(screen, root, state, (port, scale, provisioning_seconds), keep=keep)
            undoing.pop_all()
    except CloudError as error:
        raise CommandError("The local cloud is not up.", str(error), "mend that, then `slipway up`") from error
    if detach:
        return
    try:
        _stay(cloud, state, screen)
    except CommandError as error:
        Screen().refuse(error)  # what programs read is out already
        raise typer.Exit(error.code) from error


def down(forget: Forget = False, as_json: Json = False) -> None:
    """Stop the local cloud and remove what it left behind; what --keep is to keep stays for the next `up --keep`."""
    root = demand_root()
    screen = Screen(as_json=as_json)
    stopped = _take_down(state_folder(root), screen, forget=forget)
    screen.show({"stopped": stopped}, "The local cloud is down." if stopped else "No local cloud was running.")


def _bring_up(screen: Screen, root: Path, state: Path, settings: tuple[int, float, float], *, keep: bool) -> Cloud:
    from drydock.cloud import deploy, warm
    from drydock.cloud import up as start

    began = time.monotonic()
    cloud = start(root, *settings, state, screen.say, keep=keep)
    outputs = deploy(cloud, say=screen.say)
    warm(cloud, say=screen.say)
    screen.say(f"Ready after {time.monotonic() - began:.1f} s", "green")
    bucket = outputs["ArtifactBucketName"]
    drop = f"aws --endpoint-url {cloud.endpoint} s3 cp model.tar.gz s3://{bucket}/models/my-endpoint/1/model.tar.gz"
    data = {"endpoint_url": cloud.endpoint, "port": cloud.port, "scale": cloud.scale, "outputs": outputs}
    screen.show(data, f"Slipway runs at {cloud.endpoint}. Release a model with\n  {drop}")
    return cloud


def _stay(cloud: Cloud, state: Path, screen: Screen) -> None:
    """Wait until somebody interrupts, or the cloud ends by itself; nothing is left of it then but what it keeps."""
    from drydock.cloud import running

    screen.say("Ctrl-C stops it.", "dim")
    try:
        while running(state) is not None:
            time.sleep(LOOK_SECONDS)
        raise CommandError(f"The local cloud on port {cloud.port} ended by itself.", next_step="slipway up")
    finally:
        _take_down(state, screen, forget=False)


def _take_down(state: Path, screen: Screen, *, forget: bool) -> bool:
    from drydock.cloud import CloudError
    from drydock.cloud import down as stop

    try:
        return stop(state, screen.say, forget=forget)
    except CloudError as error:
        raise CommandError("The local cloud is down.", str(error), "slipway up --keep") from error


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _demand_extra() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        why = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        next_step = "make setup, or: pip install -e '.[local]'"
        raise CommandError("The local cloud needs the extra `local`.", why, next_step, ExitCode.USAGE)

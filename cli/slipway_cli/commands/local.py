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


def up(
    detach: Detach = False,
    port: Port = 4566,
    scale: Scale = 60.0,
    provisioning_seconds: Provisioning = 0.0,
    as_json: Json = False,
) -> None:
    """Start the local cloud with Slipway deployed in it.

    Without --detach it runs until Ctrl-C. Deploys anew where it runs already.
    """
    root = demand_root()
    _demand_extra()
    from drydock.cloud import CloudError, running
    from drydock.cloud import down as stop

    screen, state = Screen(as_json=as_json), state_folder(root)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with ExitStack() as undoing:
            if running(state) is None:
                undoing.callback(stop, state, screen.say)
            cloud = _bring_up(screen, root, state, port, scale, provisioning_seconds)
            undoing.pop_all()
    except CloudError as error:
        raise CommandError("The local cloud is not up.", str(error), "mend that, then `slipway up`") from error
    if not detach:
        _stay(cloud, state, screen)


def down(as_json: Json = False) -> None:
    """Stop the local cloud and remove what it left behind."""
    root = demand_root()
    from drydock.cloud import down as stop

    screen = Screen(as_json=as_json)
    stopped = stop(state_folder(root), screen.say)
    screen.show({"stopped": stopped}, "The local cloud is down." if stopped else "No local cloud was running.")


def _bring_up(screen: Screen, root: Path, state: Path, port: int, scale: float, provisioning_seconds: float) -> Cloud:
    from drydock.cloud import deploy, warm
    from drydock.cloud import up as start

    began = time.monotonic()
    cloud = start(root, port, scale, provisioning_seconds, state, screen.say)
    outputs = deploy(cloud, say=screen.say)
    warm(cloud, say=screen.say)
    screen.say(f"Ready after {time.monotonic() - began:.1f} s", "green")
    bucket = outputs["ArtifactBucketName"]
    drop = f"aws --endpoint-url {cloud.endpoint} s3 cp model.tar.gz s3://{bucket}/models/my-endpoint/1/model.tar.gz"
    data = {"endpoint_url": cloud.endpoint, "port": cloud.port, "scale": cloud.scale, "outputs": outputs}
    screen.show(data, f"Slipway runs at {cloud.endpoint}. Release a model with\n  {drop}")
    return cloud


def _stay(cloud: Cloud, state: Path, screen: Screen) -> None:
    """Wait until somebody interrupts, or the cloud ends by itself; nothing is left of it then."""
    from drydock.cloud import down as stop
    from drydock.cloud import running

    screen.say("Ctrl-C stops it.", "dim")
    try:
        while running(state) is not None:
            time.sleep(LOOK_SECONDS)
        raise CommandError(f"The local cloud on port {cloud.port} ended by itself.", next_step="slipway up")
    finally:
        stop(state, screen.say)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _demand_extra() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        why = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        next_step = "make setup, or: pip install -e '.[local]'"
        raise CommandError("The local cloud needs the extra `local`.", why, next_step, ExitCode.USAGE)

"""sign: a detached signature by a key of KMS."""

import hashlib
import json
from pathlib import Path
from typing import Annotated

import typer

from slipway.intake.signature import ALGORITHMS, SUFFIX
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.files import write
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen

Key = Annotated[str, typer.Option("--key", help="The KMS key: its ARN, id or alias.", show_default=False)]
Algorithm = Annotated[str, typer.Option("--algorithm", help=f"{' or '.join(ALGORITHMS)}.")]


def sign(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="The model.tar.gz.", show_default=False)],
    key: Key,
    algorithm: Algorithm = ALGORITHMS[0],
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Sign a model with a key of KMS: writes <model>.sig beside it, which `slipway release` uploads first.

    Only the SHA-256 digest of the file goes to KMS.
    """
    if not model.is_file():
        raise CommandError(f"There is no file {model}.", next_step="check the path", code=ExitCode.USAGE)
    if algorithm not in ALGORITHMS:
        next_step = f"use {' or '.join(ALGORITHMS)}"
        raise CommandError(f"{algorithm} does not sign a SHA-256 digest.", next_step=next_step, code=ExitCode.USAGE)
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    with model.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    signed = desk.sign(key, algorithm, digest.digest())
    written = model.with_name(f"{model.name}{SUFFIX}")
    write(written, json.dumps(signed, indent=2) + "\n")
    shown = {"signature": str(written), "key": signed["KeyId"], "sha256": digest.hexdigest()}
    screen.show(shown, f"{written} signs {digest.hexdigest()} with {signed['KeyId']}")

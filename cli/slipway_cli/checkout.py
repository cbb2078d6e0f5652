"""The checkout that a command belongs to, and the folder of its local cloud."""

import os
from pathlib import Path

from slipway_cli.errors import CommandError, ExitCode

MARKS = ("template.yaml", "statemachine/release.asl.json")
STATE_VARIABLE = "SLIPWAY_STATE"


def find_root() -> Path | None:
    """Find the checkout: around the working directory, else the one that this command was installed from."""
    here = Path.cwd()
    places = (here, *here.parents, Path(__file__).parents[2])
    return next((place for place in places if all((place / mark).is_file() for mark in MARKS)), None)


def demand_root() -> Path:
    """Find the checkout.

    Raises:
        CommandError: there is none.
    """
    root = find_root()
    if root is None:
        why = f"neither {Path.cwd()} nor a folder above it has Slipway's template.yaml"
        raise CommandError(
            "This is no checkout of Slipway.", why, "cd into the checkout, then try again", ExitCode.USAGE
        )
    return root


def state_folder(root: Path) -> Path:
    """Give the folder in which the local cloud keeps its files: .slipway, or what SLIPWAY_STATE says."""
    return Path(os.environ.get(STATE_VARIABLE) or root / ".slipway").resolve()

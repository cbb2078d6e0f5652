"""Files that a command writes because it was told to."""

from pathlib import Path

from slipway_cli.errors import CommandError, ExitCode


def write(path: Path, text: str) -> None:
    """Write a text, as UTF-8.

    Raises:
        CommandError: it cannot be written there.
    """
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        next_step = "name a file in a folder that is there and may be written to"
        raise CommandError(f"{path} cannot be written.", str(error), next_step, ExitCode.USAGE) from error

"""Installs what code/requirements.txt asks for and this environment lacks, into a folder beside the model.

As AWS's inference toolkit does at the start of a container (model_server.py), with its words in the log; but what is
there already is not installed again, and instances of the same archive share one installation.
"""

import asyncio
import importlib.metadata
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import drydock

BEGINS = "installing packages from requirements.txt..."
FAILS = "failed to install required packages, exiting"
_MODULE = "drydock.sagemaker.serving.pip_process"
_INHERITED = re.compile(r"PATH|HOME|LANG|TZ|PIP_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE|(?i:(https?|no|all)_proxy)")
_DEFAULTS = {"PIP_RETRIES": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
_PLAIN = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:==\s*([\w.+!-]+))?")
_LINE_LIMIT = 256 * 1024

Say = Callable[[Iterable[str]], None]


class InstallError(Exception):
    """The requirements cannot be installed; the text is pip's."""


@dataclass(frozen=True)
class Libraries:
    """What a model brings along besides its code."""

    folder: str = ""
    """Where the installed packages are; "" when there are none."""
    replaces: bool = False
    """Whether one of them is there in another version: then nothing of this environment may be loaded before."""


async def install(base_dir: Path, environment: Mapping[str, str], say: Say) -> Libraries:
    """Install what an unpacked archive asks for; breaking it off ends pip.

    Args:
        base_dir: the folder that stands for /opt/ml; packages go into `packages` below it.
        environment: the container's own, which may hold settings of pip such as PIP_INDEX_URL.
        say: takes lines for the container's log.

    Raises:
        InstallError: pip failed.
    """
    requirements = base_dir / "model" / "code" / "requirements.txt"
    if not requirements.is_file() or await asyncio.to_thread(_are_satisfied, requirements):
        return Libraries()
    say([BEGINS])
    report = base_dir / "report.json"
    await _pip(base_dir, report, environment, say)
    wanted = json.loads(report.read_text())["install"]
    if not wanted:
        return Libraries()
    replaces = any(_version(each["metadata"]["name"]) for each in wanted)
    return Libraries(str(base_dir / "packages"), replaces)


async def _pip(base_dir: Path, report: Path, environment: Mapping[str, str], say: Say) -> None:
    inherited = {name: value for name, value in os.environ.items() if _INHERITED.fullmatch(name)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-P", "-m", _MODULE, str(base_dir), str(os.getpid()), str(report)),
        env={**_DEFAULTS, **inherited, **environment, "PYTHONPATH": str(Path(drydock.__file__).parents[1])},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=_LINE_LIMIT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    lines = output.decode(errors="replace").splitlines()
    say(lines)
    if process.returncode != 0:
        say([FAILS])
        raise InstallError(_cause(lines))


def _cause(lines: list[str]) -> str:
    lines = [line for line in lines if line.strip() and line != "ERROR: Exception:"]
    told = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR: ")]
    return (told or lines or ["pip has ended without a word"])[-1]


def _are_satisfied(requirements: Path) -> bool:
    """Whether only names and exact versions are asked for that are there: then pip need not be asked."""
    lines = [line.partition("#")[0].strip() for line in requirements.read_text(errors="replace").splitlines()]
    asked = [_PLAIN.fullmatch(line) for line in lines if line]
    return all(each and (there := _version(each[1])) and each[2] in (None, there) for each in asked)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""

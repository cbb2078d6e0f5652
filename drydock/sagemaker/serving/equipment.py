"""Makes sure that a container has the libraries its model needs, before it is started."""

import asyncio

from drydock.sagemaker.fleets.slot import PING_FAILED
from drydock.sagemaker.serving.artifacts import missing_library
from drydock.sagemaker.serving.libraries import InstallError, Libraries, Say
from drydock.sagemaker.serving.models import Model
from drydock.sagemaker.surroundings import ContainerSpec, LaunchError

PROGRAM = "SAGEMAKER_PROGRAM"
OFFLINE = {"PIP_NO_INDEX": "1"}


async def equip(model: Model, spec: ContainerSpec, say: Say, *, offline: bool) -> Libraries:
    """Install what the model requires, and see whether it can be served here.

    Args:
        model: the unpacked archive.
        spec: the container.
        say: takes lines for the container's log.
        offline: whether no package index may be asked.

    Raises:
        LaunchError: it cannot; AWS's text for a container that does not get up, and the cause.
    """
    environment = {**spec.environment, **(OFFLINE if offline else {})}
    try:
        libraries = await model.libraries(environment, say)
    except InstallError as error:
        raise _unfit(spec, f"code/requirements.txt cannot be installed: {error}") from error
    missing = await asyncio.to_thread(_missing, model, spec, libraries)
    if missing:
        reason = f"the model needs the library {missing}, which is not there: name it in code/requirements.txt"
        say([reason])
        raise _unfit(spec, reason)
    return libraries


def _missing(model: Model, spec: ContainerSpec, libraries: Libraries) -> str:
    model_dir = model.base_dir / "model"
    program = spec.environment.get(PROGRAM, "inference.py")
    own_code = (model_dir / "code" / program).with_suffix(".py").is_file()
    return "" if own_code else missing_library(model_dir, [libraries.folder] if libraries.folder else [])


def _unfit(spec: ContainerSpec, cause: str) -> LaunchError:
    return LaunchError(f"{PING_FAILED.format(hostname=spec.hostname, variant=spec.variant)} ({cause})")

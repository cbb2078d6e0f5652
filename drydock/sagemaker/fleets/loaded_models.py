"""The models of a multi-model container: on their way, loaded, refused or unloaded again.

Inferred: the texts; that of a download that fails is remembered from forums.
"""

import asyncio
import time
from dataclasses import dataclass

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.place import split_s3
from drydock.sagemaker.surroundings import Instance, LaunchError

_NO_DOWNLOAD = (
    "Failed to download model data(bucket: {bucket}, key: {key}). Please ensure that there is an object located at the "
    "URL and that the role passed to CreateModel has permissions to download the model."
)


@dataclass
class Arrived:
    """A model that has been fetched, with the process that loads it."""

    instance: Instance
    healthy: bool
    """Whether it has been seen to answer."""
    downloaded: float
    loaded: float
    unloaded: tuple[float, ...]


@dataclass
class Model:
    """One model, on its way or loaded."""

    name: str
    arriving: "asyncio.Task[Arrived]"
    users: int = 0
    used: float = 0.0

    @property
    def arrived(self) -> Arrived | None:
        """Its process, once there is one."""
        there = self.arriving.done() and not self.arriving.cancelled() and not self.arriving.exception()
        return self.arriving.result() if there else None

    @property
    def lost(self) -> bool:
        """Whether it could not be fetched, or its process has ended."""
        return self.arriving.done() and not (self.arrived and self.arrived.instance.alive)


def not_ready(name: str) -> ServiceError:
    """Make the error for a model that is still being loaded."""
    return ServiceError("ModelNotReadyException", f"Model {name} is not ready for inference yet. Try again.", 429)


def refusal(model: Model, url: str) -> ServiceError:
    """Make the error for a model that has not arrived.

    Args:
        model: which one.
        url: where it should be.
    """
    failed = model.arriving.done() and not model.arriving.cancelled()
    error = model.arriving.exception() if failed else None
    if not isinstance(error, LaunchError):
        return not_ready(model.name)
    if not str(error).startswith("Failed to download"):
        return ServiceError("ValidationError", str(error))
    bucket, key = split_s3(url)
    return ServiceError("ValidationError", _NO_DOWNLOAD.format(bucket=bucket, key=key))


async def unload(model: Model) -> float:
    """Unload a model, or break off its loading; give the seconds that it took."""
    began = time.perf_counter()
    model.arriving.cancel()
    await asyncio.wait([model.arriving])
    if model.arrived:
        await model.arrived.instance.stop()
    return time.perf_counter() - began

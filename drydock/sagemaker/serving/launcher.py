"""Starts containers as processes of this machine; a `Launcher` of the surroundings."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from drydock.sagemaker.serving.archive import Limits, remove_tree
from drydock.sagemaker.serving.equipment import equip
from drydock.sagemaker.serving.metering import Meter
from drydock.sagemaker.serving.models import Fetch, Models
from drydock.sagemaker.serving.orders import Fork
from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.serving.starting import Recipe, Starter
from drydock.sagemaker.surroundings import ContainerSpec, LaunchError

Log = Callable[[str, str, Iterable[str]], None]
"""Appends lines to a log stream: group, stream, lines."""

GRACE_SECONDS = 30.0
"""What SageMaker leaves a container between SIGTERM and SIGKILL."""


class ProcessLauncher:
    """Fetches models and serves each instance by a process forked from one zygote.

    Belongs to the event loop that first uses it.

    Args:
        fetch: reads S3.
        log: where the containers' output goes.
        workdir: existing folder; a private one is made in it and removed again.
        environment: what every container gets besides its own, such as AWS_REGION.
        grace_seconds: real seconds between SIGTERM and SIGKILL.
        limits: how much a model archive may hold.
        meter: what reports the use of the machine; nothing does without.
    """

    def __init__(
        self,
        fetch: Fetch,
        log: Log,
        workdir: Path,
        *,
        environment: Mapping[str, str] | None = None,
        grace_seconds: float = GRACE_SECONDS,
        limits: Limits | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._log = log
        self._environment = dict(environment or {})
        self._meter = meter
        self._folder = Path(tempfile.mkdtemp(prefix="serving-", dir=workdir)).resolve()
        self._models = Models(fetch, self._folder, limits or Limits())
        self._starter = Starter(self._folder, grace_seconds, self._models.leave)

    async def start(self) -> None:
        """Start the zygote beforehand and let it import what most models need: the first launch need not wait then.

        Raises:
            LaunchError: it cannot be started.
        """
        await (await self._starter.running_forker()).load()

    async def launch(self, spec: ContainerSpec) -> ProcessInstance:
        """Fetch and unpack the model and start the container; does not wait for /ping.

        Raises:
            LaunchError: the model data cannot be fetched or unpacked, or no process can be started.
        """
        recipe = await self.prepare(spec)
        try:
            return await self.run(recipe)
        finally:
            await self.release(recipe)

    async def prepare(self, spec: ContainerSpec) -> Recipe:
        """Fetch and unpack the model and install what it requires; give it back with `release`.

        Raises:
            LaunchError: that is not possible.
        """
        await self._starter.running_forker()
        model = await self._models.take(spec.model_data_url)
        say = partial(self._log, f"/aws/sagemaker/Endpoints/{spec.endpoint}", _log_stream(spec))
        try:
            libraries = await equip(model, spec, say, offline=spec.isolated)
        except (LaunchError, asyncio.CancelledError):
            await self._models.leave(model)
            raise
        order = Fork(
            base_dir=str(model.base_dir),
            home="",
            environment=self._container_environment(spec),
            packages=libraries.folder,
            fresh=libraries.replaces,
            isolated=spec.isolated,
        )
        return Recipe(spec, model, order, say)

    async def run(self, recipe: Recipe) -> ProcessInstance:
        """Start a process of what was prepared, as often as wanted.

        Raises:
            LaunchError: no process can be started.
        """
        recipe.model.users += 1
        try:
            instance = await self._starter.start(recipe)
        except OSError as error:
            await self.release(recipe)
            raise LaunchError(f"no process can be started: {error}") from error
        except (LaunchError, asyncio.CancelledError):
            await self.release(recipe)
            raise
        if self._meter:
            self._meter.watch(instance, recipe.spec)
        return instance

    async def release(self, recipe: Recipe) -> None:
        """Give back what was prepared; processes that run of it go on."""
        await self._models.leave(recipe.model)

    async def close(self) -> None:
        """Stop every container, end the zygote, remove all files."""
        if self._meter:
            await self._meter.close()
        await self._models.close()
        await self._starter.close()
        await asyncio.to_thread(remove_tree, self._folder)

    def _container_environment(self, spec: ContainerSpec) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **self._environment,
            **spec.environment,
        }


def _log_stream(spec: ContainerSpec) -> str:
    """Name the stream of a container; developer guide, "Log Amazon SageMaker events with Amazon CloudWatch"."""
    return f"{spec.variant}/{spec.instance_id}{f'/{spec.hostname}' if spec.several else ''}"

"""Starts containers as processes of this machine; a `Launcher` of the surroundings."""

import asyncio
import contextlib
import itertools
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from drydock.sagemaker.serving.archive import Limits, remove_tree
from drydock.sagemaker.serving.forking import Child, Forker
from drydock.sagemaker.serving.models import Fetch, Model, Models
from drydock.sagemaker.serving.process import ProcessInstance, copy_lines
from drydock.sagemaker.serving.sockets import SocketFolder, listening
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
    ) -> None:
        self._log = log
        self._environment = dict(environment or {})
        self._grace_seconds = grace_seconds
        self._folder = Path(tempfile.mkdtemp(prefix="serving-", dir=workdir)).resolve()
        self._sockets = SocketFolder(self._folder)
        self._models = Models(fetch, self._folder, limits or Limits())
        self._forker: Forker | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._instances: dict[int, ProcessInstance] = {}
        self._closed = False

    async def start(self) -> None:
        """Start the zygote beforehand, so that the first launch need not wait for its imports.

        Raises:
            LaunchError: it cannot be started.
        """
        await self._running_forker()

    async def launch(self, spec: ContainerSpec) -> ProcessInstance:
        """Fetch and unpack the model and start the container; does not wait for /ping.

        Raises:
            LaunchError: the model data cannot be fetched or unpacked, or no process can be started.
        """
        forker = await self._running_forker()
        model = await self._models.take(spec.model_data_url)
        try:
            return await self._start(forker, model, spec)
        except OSError as error:
            await self._models.leave(model)
            raise LaunchError(f"no process can be started: {error}") from error
        except (LaunchError, asyncio.CancelledError):
            await self._models.leave(model)
            raise

    async def close(self) -> None:
        """Stop every container, end the zygote, remove all files."""
        self._closed = True
        await self._models.close()
        await self._stop_instances()
        async with self._starting:
            if self._forker:
                await self._forker.stop()
        await self._stop_instances()
        self._sockets.close()
        await asyncio.to_thread(remove_tree, self._folder)

    async def _stop_instances(self) -> None:
        await asyncio.gather(*(instance.stop() for instance in self._instances.values()))

    async def _running_forker(self) -> Forker:
        async with self._starting:
            if self._closed:
                raise LaunchError("no process can be started: the service is shutting down")
            if self._forker and self._forker.alive:
                return self._forker
            if self._forker:
                await self._forker.stop()
            self._forker = Forker(self._folder)
            await self._forker.start()
            return self._forker

    async def _start(self, forker: Forker, model: Model, spec: ContainerSpec) -> ProcessInstance:
        number = next(self._numbers)
        home = self._folder / f"home-{number}"
        with contextlib.ExitStack() as on_failure:
            home.mkdir()
            on_failure.callback(remove_tree, home)
            path = self._sockets.path(number)
            on_failure.callback(self._sockets.remove, number)
            reader, writer = os.pipe()
            on_failure.callback(os.close, reader)
            child = await self._fork(forker, model, spec, home, path, writer)
            on_failure.pop_all()
        stream = f"{spec.variant}/{spec.instance_id}"
        lines = copy_lines(reader, partial(self._log, f"/aws/sagemaker/Endpoints/{spec.endpoint}", stream))
        clean_up = partial(self._clean_up, number, home, model)
        instance = ProcessInstance(forker, child, path, lines, clean_up, self._grace_seconds)
        self._instances[number] = instance
        return instance

    async def _fork(
        self, forker: Forker, model: Model, spec: ContainerSpec, home: Path, path: str, writer: int
    ) -> Child:
        try:
            with listening(path) as listener:
                environment = self._container_environment(model, spec, home)
                return await forker.fork(model.base_dir, home, environment, listener, writer)
        finally:
            os.close(writer)

    def _container_environment(self, model: Model, spec: ContainerSpec, home: Path) -> dict[str, str]:
        model_dir = model.base_dir / "model"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONPATH": str(model_dir / "code"),
            "PYTHONUNBUFFERED": "1",
            **self._environment,
            **spec.environment,
            "SAGEMAKER_BASE_DIR": str(model.base_dir),
            "SM_MODEL_DIR": str(model_dir),
        }

    async def _clean_up(self, number: int, home: Path, model: Model) -> None:
        self._instances.pop(number, None)
        self._sockets.remove(number)
        await asyncio.to_thread(remove_tree, home)
        await self._models.leave(model)

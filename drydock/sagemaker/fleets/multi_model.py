"""A container that holds many models: each is fetched and loaded when a request names it, and unloaded to make room.

Source: developer guide, "Host multiple models in one container behind one endpoint", "Invoke a multi-model endpoint"
(60 s for an answer, ModelNotReadyException then, 360 s to load) and "Build your own container for multi-model
endpoints". Here each loaded model is a process of its own, as in AWS's model server, and the memory is a number of
models.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from drydock.sagemaker.answers import ContainerAnswer, ContainerStream, Loading
from drydock.sagemaker.fleets.loaded_models import Arrived, Model, not_ready, refusal, unload
from drydock.sagemaker.fleets.slot import Launch
from drydock.sagemaker.surroundings import ContainerSpec, Instance

TARGET_MODEL = "X-Amzn-SageMaker-Target-Model"
MOST_MODELS = "SAGEMAKER_MULTI_MODEL_MAX_MODELS"
"""In the container's environment: how many models it holds before one that rests is unloaded. Drydock's own."""
DEFAULT_MODELS = 10
LOADING_SECONDS = 360.0
"""How long a model may take to be fetched and loaded."""


class MultiModelInstance:
    """Many models that make one container; an `Instance` of the surroundings.

    Args:
        launch: starts a container of one model.
        spec: the container; its address of model data is what those of its models begin with.
        cached: whether models stay loaded after a request.
    """

    def __init__(self, launch: Launch, spec: ContainerSpec, *, cached: bool = True) -> None:
        self._launch = launch
        self._spec = spec
        self._cached = cached
        self._most = int(spec.environment.get(MOST_MODELS) or DEFAULT_MODELS)
        self._models: dict[str, Model] = {}
        self._leaving: set[asyncio.Task[Any]] = set()
        self._stopped = False

    @property
    def alive(self) -> bool:
        """Whether it has not been stopped: models come and go."""
        return not self._stopped

    @property
    def models(self) -> list[str]:
        """The names of the models that are loaded."""
        return [model.name for model in self._models.values() if model.arrived]

    async def ping(self) -> bool:
        """Say whether it has not been stopped."""
        return self.alive

    async def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerAnswer:
        """Let the model answer that the headers name, loaded first where it is not.

        Raises:
            ServiceError: ModelNotReadyException when it is not loaded in time, ValidationError when it cannot be.
        """
        ends = time.perf_counter() + timeout
        async with self._held(headers[TARGET_MODEL], timeout) as (model, arrived, loading):
            answer = await arrived.instance.invoke(body, headers, max(ends - time.perf_counter(), 0.0))
            await self._judge(model, arrived, answer.status)
        return replace(answer, loading=loading)

    async def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerStream:
        """Do the same; AWS's operation for streams cannot name a model, so this one has no parts to hand on early."""
        return ContainerStream.of(await self.invoke(body, headers, timeout))

    async def stop(self) -> None:
        """Break off what is being loaded and unload all models."""
        self._stopped = True
        for model in list(self._models.values()):
            self._let_go(model)
        await asyncio.gather(*self._leaving)

    @contextlib.asynccontextmanager
    async def _held(self, name: str, timeout: float) -> AsyncIterator[tuple[Model, Arrived, Loading]]:
        """Keep a model loaded for as long as a request needs it."""
        began = time.perf_counter()
        model = self._models.get(name)
        if model and model.lost:
            self._let_go(model)
            model = None
        hit = model is not None and model.arriving.done()
        mine = model is None
        if model is None:
            model = self._models[name] = Model(name, asyncio.create_task(self._load(name)))
        model.users += 1
        try:
            await asyncio.wait([model.arriving], timeout=timeout)
            if model.arrived is None:
                raise refusal(model, self._url(model.name))
            model.used = time.perf_counter()
            found = model.arrived
            times = (found.downloaded, found.loaded, found.unloaded) if mine else ()
            yield model, found, Loading(hit, len(self.models), 0.0 if hit else model.used - began, *times)
        finally:
            model.users -= 1
            if model.lost or not (self._cached or model.users):
                self._let_go(model)

    async def _judge(self, model: Model, arrived: Arrived, status: int) -> None:
        """See by its answer whether a model is loaded, where that is not known yet."""
        if arrived.healthy or 200 <= status < 300:
            arrived.healthy = True
        elif status == 0 and arrived.instance.alive:
            raise not_ready(model.name)
        else:
            arrived.healthy = await arrived.instance.ping()
            if not arrived.healthy:
                self._let_go(model)

    async def _load(self, name: str) -> Arrived:
        unloaded = [await unload(model) for model in self._superfluous()]
        async with asyncio.timeout(LOADING_SECONDS):
            began = time.perf_counter()
            instance = await self._launch(replace(self._spec, model_data_url=self._url(name)))
            fetched = time.perf_counter()
            with contextlib.ExitStack() as on_failure:
                on_failure.callback(self._leave_behind, instance)
                healthy = await instance.ping()
                on_failure.pop_all()
        return Arrived(instance, healthy, fetched - began, time.perf_counter() - fetched, tuple(unloaded))

    def _url(self, name: str) -> str:
        return f"{self._spec.model_data_url.rstrip('/')}/{name}"

    def _superfluous(self) -> list[Model]:
        """Take out the models that have to make room: those that rest, the longest unused first."""
        resting = sorted((each for each in self._models.values() if each.arrived and not each.users), key=_last_use)
        found = resting[: max(len(self._models) - self._most, 0)]
        for model in found:
            del self._models[model.name]
        return found

    def _let_go(self, model: Model) -> None:
        if self._models.get(model.name) is model:
            del self._models[model.name]
            self._leave(asyncio.create_task(unload(model)))

    def _leave_behind(self, instance: Instance) -> None:
        self._leave(asyncio.create_task(instance.stop()))

    def _leave(self, task: "asyncio.Task[Any]") -> None:
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


def _last_use(model: Model) -> float:
    return model.used

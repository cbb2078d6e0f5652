"""Puts an instance together from the containers of a model."""

import asyncio
from dataclasses import replace

from drydock.sagemaker.definitions.containers import hostnames, is_multi_model, model_data_url
from drydock.sagemaker.fleets.ensemble import Ensemble, Member
from drydock.sagemaker.fleets.multi_model import MultiModelInstance
from drydock.sagemaker.fleets.slot import Launch
from drydock.sagemaker.memory.model import Variant
from drydock.sagemaker.surroundings import ContainerSpec, Instance


def specs_of(endpoint: str, variant: Variant) -> list[ContainerSpec]:
    """Say how to start each container of an instance.

    Args:
        endpoint: its name.
        variant: what the instance is of.
    """
    names = hostnames(variant.containers)
    return [
        ContainerSpec(
            endpoint=endpoint,
            variant=variant.name,
            instance_id="",
            image=container["Image"],
            model_data_url=model_data_url(container),
            environment=container.get("Environment", {}),
            hostname=name,
            several=len(names) > 1,
            isolated=variant.isolated,
        )
        for container, name in zip(variant.containers, names, strict=True)
    ]


def assembled(launch: Launch, variant: Variant, specs: list[ContainerSpec]) -> Launch:
    """Give what starts a whole instance.

    Args:
        launch: starts one container.
        variant: what the instance is of.
        specs: its containers; the first of them is what the result is called with, for the sake of its instance id.
    """

    async def start(place: int, instance_id: str) -> Instance:
        container, spec = variant.containers[place], replace(specs[place], instance_id=instance_id)
        if not is_multi_model(container):
            return await launch(spec)
        cached = container.get("MultiModelConfig", {}).get("ModelCacheSetting") != "Disabled"
        return MultiModelInstance(launch, spec, cached=cached)

    async def start_all(spec: ContainerSpec) -> Instance:
        started = await asyncio.gather(
            *(start(place, spec.instance_id) for place in range(len(specs))), return_exceptions=True
        )
        instances = [each for each in started if not isinstance(each, BaseException)]
        if len(instances) < len(specs):
            await asyncio.gather(*(each.stop() for each in instances))
            raise next(each for each in started if isinstance(each, BaseException))
        members = [
            Member(each.hostname, instance, multi_model=is_multi_model(container))
            for each, instance, container in zip(specs, instances, variant.containers, strict=True)
        ]
        return Ensemble(members, direct=variant.direct)

    async def start_only(spec: ContainerSpec) -> Instance:
        return await start(0, spec.instance_id)

    return start_all if len(specs) > 1 else start_only

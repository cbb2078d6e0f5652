"""The containers of a model, as SageMaker's API model wants them and as it describes them."""

from collections.abc import Mapping
from typing import Any

from slipway.release.container_spec import Container
from slipway.release.serve_spec import Serve

Request = dict[str, Any]

MODES = {"serial": "Serial", "direct": "Direct"}
MULTI_MODEL = "MultiModel"


def containers_request(serve: Serve, addresses: Mapping[str, str]) -> Request:
    """Give the part of CreateModel that says what serves.

    Args:
        serve: how it is served.
        addresses: where each artifact is served from, by the address that the spec names; the empty name is the
            dropped one's.
    """
    if serve.multi_model:
        loads = {"Mode": MULTI_MODEL, "ModelDataUrl": addresses[""]}
        return {"PrimaryContainer": {"Image": serve.image, **loads, "Environment": dict(serve.environment)}}
    made = [_container(each, addresses[each.artifact or ""]) for each in serve.all_containers]
    if not serve.containers:
        return {"PrimaryContainer": made[0]}
    return {"Containers": made, "InferenceExecutionConfig": {"Mode": MODES[serve.execution]}}


def _container(container: Container, address: str) -> Request:
    name = {"ContainerHostname": container.name} if container.name else {}
    environment = dict(container.environment)
    return {**name, "Image": container.image, **_data(address), "Environment": environment}


def _data(url: str) -> Request:
    """Say where the model is: an archive, or a folder of files that are not packed (S3ModelDataSource)."""
    if not url.endswith("/"):
        return {"ModelDataUrl": url}
    return {"ModelDataSource": {"S3DataSource": {"S3Uri": url, "S3DataType": "S3Prefix", "CompressionType": "None"}}}


def data_address(container: Mapping[str, Any]) -> str:
    """Give the address of a container's model, however it says it; empty if it brings none."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return str(container.get("ModelDataUrl") or source.get("S3Uri", ""))


def containers_in(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the containers of a described model, or of a request for one, in their order."""
    return [model["PrimaryContainer"]] if model.get("PrimaryContainer") else list(model.get("Containers", []))


def same_containers(described: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Whether an existing model serves by the containers that a request asks for, and lets them answer like that."""
    there, wanted = ([_identity(each) for each in containers_in(model)] for model in (described, request))
    modes = [model.get("InferenceExecutionConfig", {}).get("Mode", "Serial") for model in (described, request)]
    return there == wanted and modes[0] == modes[1]


def _identity(container: Mapping[str, Any]) -> tuple[Any, ...]:
    said = container.get("Image"), data_address(container), container.get("Environment", {})
    return (*said, container.get("ContainerHostname", ""), container.get("Mode", "SingleModel"))

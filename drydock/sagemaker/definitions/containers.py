"""The containers of a model: one, a pipeline of several, or several that are called directly; pure.

Source: CreateModel and ContainerDefinition in the API reference; developer guide, "Create a multi-container endpoint"
and "Host multiple models in one container". The texts of the refusals are inferred.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from drydock.sagemaker.errors import refusal, unsupported

DIRECT = "Direct"
MULTI_MODEL = "MultiModel"
PRIMARY = "primary"
"""What the only container of a model is called where it has no name."""
_LONGEST_ENVIRONMENT = 32 * 1024


def containers_of(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the containers of a model (or of the request that makes it), in the order of a pipeline."""
    return [model["PrimaryContainer"]] if "PrimaryContainer" in model else list(model["Containers"])


def is_direct(model: Mapping[str, Any]) -> bool:
    """Whether each request names the container that is to answer it; else they answer one after the other."""
    return bool(model.get("InferenceExecutionConfig", {}).get("Mode") == DIRECT)


def is_multi_model(container: Mapping[str, Any]) -> bool:
    """Whether a container loads the models that requests name."""
    return container.get("Mode") == MULTI_MODEL


def hostnames(containers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name containers: by themselves, or by their place."""
    if len(containers) == 1:
        return [str(containers[0].get("ContainerHostname", PRIMARY))]
    return [str(each.get("ContainerHostname", f"container_{place}")) for place, each in enumerate(containers, 1)]


def model_data_url(container: Mapping[str, Any]) -> str:
    """Give the address of a container's model.tar.gz or folder, or what those of its models begin with; "" for none."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return str(container.get("ModelDataUrl") or source.get("S3Uri", ""))


def check_model(request: Mapping[str, Any]) -> None:
    """Check what CreateModel asks for.

    Raises:
        ServiceError: both or neither of PrimaryContainer and Containers, containers that do not go together, or a
            feature Drydock lacks.
    """
    if ("PrimaryContainer" in request) == bool(request.get("Containers")):
        raise refusal("Exactly one of PrimaryContainer and Containers must be given.")
    containers = containers_of(request)
    for container in containers:
        _check_container(container)
    _check_names(containers)
    if is_direct(request):
        _check_direct(containers)
    if sum(map(is_multi_model, containers)) > 1:
        raise refusal("Only one container of a model can have the Mode MultiModel.")


def _check_container(container: Mapping[str, Any]) -> None:
    if "Image" not in container:
        raise refusal("A container must have an Image or a ModelPackageName.")
    if "ModelDataUrl" in container and "ModelDataSource" in container:
        raise refusal("Only one of ModelDataUrl and ModelDataSource can be given.")
    if is_multi_model(container) and "ModelDataUrl" not in container:
        raise refusal("ModelDataUrl is required for a container whose Mode is MultiModel.")
    if _size(container.get("Environment", {})) > _LONGEST_ENVIRONMENT:
        raise refusal("The keys and values of Environment must not exceed 32 KB together.")
    _check_source(container.get("ModelDataSource", {}).get("S3DataSource", {}))


def _check_source(source: Mapping[str, Any]) -> None:
    if not source:
        return
    kind = (source["S3DataType"], source["CompressionType"])
    if kind == ("S3Object", "None"):
        raise unsupported("model data that is one file which is not packed")
    if kind == ("S3Prefix", "Gzip"):
        raise refusal("CompressionType Gzip needs the S3DataType S3Object.")
    if (source["S3DataType"] == "S3Prefix") != source["S3Uri"].endswith("/"):
        raise refusal("S3Uri must end with a slash for the S3DataType S3Prefix, and only for that.")


def _size(environment: Mapping[str, str]) -> int:
    return sum(len(text) for pair in environment.items() for text in pair)


def _check_names(containers: Sequence[Mapping[str, Any]]) -> None:
    given = [each["ContainerHostname"] for each in containers if "ContainerHostname" in each]
    if given and len(given) < len(containers):
        raise refusal("ContainerHostname must be given for every container or for none.")
    if len(set(given)) < len(given):
        raise refusal("ContainerHostname must be unique among the containers of a model.")


def _check_direct(containers: Sequence[Mapping[str, Any]]) -> None:
    if len(containers) < 2:
        raise refusal("Direct inference execution needs more than one container.")
    if any("ContainerHostname" not in each for each in containers):
        raise refusal("ContainerHostname is required for every container when the inference execution mode is Direct.")

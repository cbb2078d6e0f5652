"""CreateModel from a model package: what the package says about containers, put where the request names it; pure."""

from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.errors import refusal
from drydock.sagemaker.memory.registry import Package
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations.packages import find_package

_APPROVED = "Approved"
_TAKEN = ("Image", "ModelDataUrl", "ModelDataSource", "AdditionalModelDataSources", "Environment", "ContainerHostname")


def resolved(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give a request of CreateModel whose containers say what to run.

    A container that names a package takes its image, data and environment; what the request says itself wins, variable
    by variable of the environment. Whether an unapproved package is taken is a rule: nobody has seen AWS refuse one.

    Raises:
        ServiceError: there is no such package, or it has no such inference specification, or it
            is not approved and has to be.
    """
    request = dict(request)
    if "PrimaryContainer" in request:
        containers = _containers(state, request["PrimaryContainer"])
        if len(containers) == 1:
            request["PrimaryContainer"] = containers[0]
        else:
            del request["PrimaryContainer"]
            request["Containers"] = containers
    elif "Containers" in request:
        request["Containers"] = [one for given in request["Containers"] for one in _containers(state, given)]
    return request


def is_from_marketplace(state: State, request: Mapping[str, Any]) -> bool:
    """Whether a container of a request of CreateModel comes from a package with a Marketplace product id."""
    given = [request["PrimaryContainer"]] if "PrimaryContainer" in request else request.get("Containers", [])
    named = [one for one in given if "ModelPackageName" in one]
    return any("ProductId" in container for one in named for container in _packed(state, one))


def _containers(state: State, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "ModelPackageName" not in given or "Image" in given:
        return [dict(given)]
    return [_merged(container, given) for container in _packed(state, given)]


def _packed(state: State, given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the containers of the package that a container of a request names."""
    package = find_package(state, given["ModelPackageName"])
    approval = package.definition.get("ModelApprovalStatus", _APPROVED)
    if state.rules.refuse_unapproved_package and approval != _APPROVED:
        raise refusal(f"ModelPackage {package.arn} is not approved: its ModelApprovalStatus is {approval}.")
    found: list[Mapping[str, Any]] = _specification(package, given.get("InferenceSpecificationName"))["Containers"]
    return found


def _specification(package: Package, name: str | None) -> Mapping[str, Any]:
    found = package.definition.get("InferenceSpecification")
    if name is not None:
        others = package.definition.get("AdditionalInferenceSpecifications", [])
        found = next((other for other in others if other["Name"] == name), None)
    if not found:
        which = f"inference specification {name}" if name else "inference specification"
        raise refusal(f"ModelPackage {package.arn} has no {which}.")
    specification: Mapping[str, Any] = found
    return specification


def _merged(container: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    taken = {name: container[name] for name in _TAKEN if name in container}
    environment = {**taken.get("Environment", {}), **given.get("Environment", {})}
    merged = {**taken, **given}
    return {**merged, "Environment": environment} if environment else merged

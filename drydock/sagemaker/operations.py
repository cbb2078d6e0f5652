"""The table of operations that Drydock offers on the control plane."""

from collections.abc import Callable
from typing import Any

from drydock.sagemaker import definitions, endpoints, package_groups, packages
from drydock.sagemaker.errors import unknown_operation
from drydock.sagemaker.state import State

Operation = Callable[[State, dict[str, Any]], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "CreateModel": definitions.create_model,
    "DescribeModel": definitions.describe_model,
    "ListModels": definitions.list_models,
    "DeleteModel": definitions.delete_model,
    "CreateEndpointConfig": definitions.create_config,
    "DescribeEndpointConfig": definitions.describe_config,
    "ListEndpointConfigs": definitions.list_configs,
    "DeleteEndpointConfig": definitions.delete_config,
    "CreateEndpoint": endpoints.create_endpoint,
    "DescribeEndpoint": endpoints.describe_endpoint,
    "ListEndpoints": endpoints.list_endpoints,
    "UpdateEndpoint": endpoints.update_endpoint,
    "UpdateEndpointWeightsAndCapacities": endpoints.update_weights,
    "DeleteEndpoint": endpoints.delete_endpoint,
    "CreateModelPackageGroup": package_groups.create_group,
    "DescribeModelPackageGroup": package_groups.describe_group,
    "ListModelPackageGroups": package_groups.list_groups,
    "DeleteModelPackageGroup": package_groups.delete_group,
    "CreateModelPackage": packages.create_package,
    "DescribeModelPackage": packages.describe_package,
    "ListModelPackages": packages.list_packages,
    "UpdateModelPackage": packages.update_package,
    "DeleteModelPackage": packages.delete_package,
    "AddTags": definitions.add_tags,
    "ListTags": definitions.list_tags,
    "DeleteTags": definitions.delete_tags,
}


def perform(state: State, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out a validated request.

    Raises:
        ServiceError: it is refused, or AWS has this operation and Drydock does not.
    """
    handle = OPERATIONS.get(operation)
    if handle is None:
        raise unknown_operation(f"SageMaker.{operation} (Drydock does not offer it)")
    return handle(state, request)

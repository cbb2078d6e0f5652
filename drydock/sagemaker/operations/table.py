"""The table of operations that Drydock offers on the control plane."""

from collections.abc import Callable
from typing import Any

from drydock.sagemaker.errors import unknown_operation
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations import endpoints, models_and_configs, package_groups, packages

Operation = Callable[[State, dict[str, Any]], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "CreateModel": models_and_configs.create_model,
    "DescribeModel": models_and_configs.describe_model,
    "ListModels": models_and_configs.list_models,
    "DeleteModel": models_and_configs.delete_model,
    "CreateEndpointConfig": models_and_configs.create_config,
    "DescribeEndpointConfig": models_and_configs.describe_config,
    "ListEndpointConfigs": models_and_configs.list_configs,
    "DeleteEndpointConfig": models_and_configs.delete_config,
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
    "AddTags": models_and_configs.add_tags,
    "ListTags": models_and_configs.list_tags,
    "DeleteTags": models_and_configs.delete_tags,
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

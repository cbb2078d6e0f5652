"""The events SageMaker puts on EventBridge, in their own casing: UPPER_SNAKE statuses, milliseconds, tags as a map."""

import re
from typing import Any

from drydock.sagemaker.definitions.variants import PRODUCTION, SHADOW
from drydock.sagemaker.deployment.describe import active_variants, config_name, pending
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.resources import EndpointConfig, Model
from drydock.sagemaker.memory.state import Event, State

ENDPOINT_CHANGE = "SageMaker Endpoint State Change"
DEPLOYMENT_CHANGE = "SageMaker Endpoint Deployment State Change"
CONFIG_CHANGE = "SageMaker Endpoint Config State Change"
MODEL_CHANGE = "SageMaker Model State Change"

_TIMES = {"CreationTime", "LastModifiedTime", "StartTime", "ResolutionTime"}


def endpoint_changed(state: State, endpoint: Endpoint) -> None:
    """Tell that an endpoint has another status."""
    _tell(state, ENDPOINT_CHANGE, endpoint.arn, _endpoint_detail(state, endpoint))


def deployment_changed(state: State, endpoint: Endpoint) -> None:
    """Tell that a deployment is in another phase."""
    detail = _endpoint_detail(state, endpoint)
    if endpoint.deployment and endpoint.deployment.green:
        detail["PendingDeploymentSummary"] = pending(endpoint.deployment)
    _tell(state, DEPLOYMENT_CHANGE, endpoint.arn, detail)


def config_changed(state: State, config: EndpointConfig) -> None:
    """Tell that an endpoint configuration was made or deleted."""
    detail = {
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        **{kind: config.definition[kind] for kind in (PRODUCTION, SHADOW) if kind in config.definition},
        "DataCaptureConfig": config.definition.get("DataCaptureConfig"),
        "KmsKeyId": config.definition.get("KmsKeyId"),
        "CreationTime": config.created,
        "Tags": dict(state.tags.get(config.arn, {})),
    }
    _tell(state, CONFIG_CHANGE, config.arn, detail)


def model_changed(state: State, model: Model) -> None:
    """Tell that a model was made or deleted."""
    detail = {
        "ModelName": model.name,
        "ModelArn": model.arn,
        "ExecutionRoleArn": model.definition.get("ExecutionRoleArn"),
        "PrimaryContainer": model.definition.get("PrimaryContainer"),
        "Containers": model.definition.get("Containers", []),
        "CreationTime": model.created,
        "Tags": dict(state.tags.get(model.arn, {})),
    }
    _tell(state, MODEL_CHANGE, model.arn, detail)


def _endpoint_detail(state: State, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": config_name(endpoint, state.rules),
        "ProductionVariants": active_variants(endpoint),
        "ShadowProductionVariants": active_variants(endpoint, shadow=True) or None,
        "EndpointStatus": upper_snake(endpoint.status),
        "FailureReason": endpoint.failure_reason or None,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "Tags": dict(state.tags.get(endpoint.arn, {})),
    }


def upper_snake(status: str) -> str:
    """Write an API status as events do: InService becomes IN_SERVICE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()


def _tell(state: State, detail_type: str, arn: str, detail: dict[str, Any]) -> None:
    state.outbox.append(Event(detail_type, [arn], _in_milliseconds(detail)))


def _in_milliseconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: int(item * 1000) if key in _TIMES else _in_milliseconds(item)
            for key, item in value.items()
            if item is not None or key in ("FailureReason", "DataCaptureConfig", "KmsKeyId")
        }
    return [_in_milliseconds(item) for item in value] if isinstance(value, list) else value

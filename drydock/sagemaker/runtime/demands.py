"""What the headers of an invocation ask of an endpoint, and the refusal where it has no such thing; pure.

The texts about TargetModel are AWS's (amazon-sagemaker-examples issues 1026 and 1216, sagemaker-tensorflow-serving
issue 166); that TargetContainerHostname is refused is from the developer guide, "Invoke a multi-container endpoint with
direct invocation"; the other texts are inferred.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.definitions.containers import hostnames, is_multi_model
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.model import Variant


def check_demands(endpoint: str, variant: Variant, request: Mapping[str, Any]) -> None:
    """Refuse what the endpoint cannot do.

    Args:
        endpoint: its name.
        variant: where the request goes.
        request: members of the invocation, validated.

    Raises:
        ServiceError: ValidationError.
    """
    if "InferenceComponentName" in request:
        name = request["InferenceComponentName"]
        raise _refusal(f"Inference component {name} not found on endpoint {endpoint}.")
    if "EnableExplanations" in request:
        raise _refusal(f"Endpoint {endpoint} has no explainer and does not support enable explanations header.")
    _check_container(endpoint, variant, request.get("TargetContainerHostname", ""))
    _check_model(endpoint, variant, request.get("TargetModel", ""))


def _check_container(endpoint: str, variant: Variant, hostname: str) -> None:
    if hostname and not variant.direct:
        raise _refusal(
            f"Endpoint {endpoint} is not configured for direct invocation and does not support target container "
            "hostname header."
        )
    if variant.direct and not hostname:
        raise _refusal(f"Request {uuid.uuid4()} is missing a target container hostname header.")
    if hostname and hostname not in hostnames(variant.containers):
        raise _refusal(f"Container {hostname} not found on endpoint {endpoint}.")


def _check_model(endpoint: str, variant: Variant, model: str) -> None:
    multi_model = any(map(is_multi_model, variant.containers))
    if model and not multi_model:
        raise _refusal(
            f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header.",
            "TARGET_MODEL_HEADER_NOT_SUPPORTED",
        )
    if multi_model and not model:
        raise _refusal(f"Request {uuid.uuid4()} is missing a target model header.")


def _refusal(message: str, code: str = "") -> ServiceError:
    return ServiceError("ValidationError", message, members={"ErrorCode": code} if code else None)

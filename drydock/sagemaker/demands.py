"""What the headers of an invocation ask of an endpoint, and the refusal where it has no such thing; pure.

The text for TargetModel is AWS's (amazon-sagemaker-examples issues 1026 and 1216); the others are inferred.
"""

from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.errors import ServiceError


def check_demands(endpoint: str, request: Mapping[str, Any]) -> None:
    """Refuse what the endpoint cannot do.

    Args:
        endpoint: its name.
        request: members of the invocation, validated.

    Raises:
        ServiceError: ValidationError.
    """
    if "InferenceComponentName" in request:
        name = request["InferenceComponentName"]
        raise _refusal(f"Inference component {name} not found on endpoint {endpoint}.")
    if "EnableExplanations" in request:
        raise _refusal(f"Endpoint {endpoint} has no explainer and does not support enable explanations header.")
    if "TargetContainerHostname" in request:
        raise _refusal(
            f"Endpoint {endpoint} is not configured for direct invocation and does not support target container "
            "hostname header."
        )
    if "TargetModel" in request:
        raise _refusal(
            f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header.",
            "TARGET_MODEL_HEADER_NOT_SUPPORTED",
        )


def _refusal(message: str, code: str = "") -> ServiceError:
    return ServiceError("ValidationError", message, members={"ErrorCode": code} if code else None)

"""One request to one container and back: which headers go, and which come."""

from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.fleets.ensemble import TARGET_CONTAINER
from drydock.sagemaker.fleets.multi_model import TARGET_MODEL
from drydock.sagemaker.fleets.slot import Slot
from drydock.sagemaker.surroundings import Instance

CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_FORWARDED = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": CUSTOM_ATTRIBUTES,
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
    "TargetModel": TARGET_MODEL,
    "TargetContainerHostname": TARGET_CONTAINER,
    "SessionId": "X-Amzn-SageMaker-Session-Id",
}
_RETURNED = (CUSTOM_ATTRIBUTES, "X-Amzn-SageMaker-New-Session-Id", "X-Amzn-SageMaker-Closed-Session-Id")
"""Headers of a container's answer that the caller gets, besides its type."""


async def send(picked: tuple[Slot, Instance], request: Mapping[str, Any], timeout_seconds: float) -> ContainerAnswer:
    """Send a request to an instance; one that does not answer is looked after at once.

    Args:
        picked: the instance and the slot that keeps it.
        request: members of InvokeEndpoint, validated.
        timeout_seconds: real seconds that the model has for its answer.
    """
    slot, instance = picked
    slot.borrow()
    status = 0
    try:
        answer = await instance.invoke(request["Body"], forwarded(request), timeout_seconds)
        status = answer.status
    finally:
        slot.give_back(broken=status == 0)
    return answer


def forwarded(request: Mapping[str, Any]) -> dict[str, str]:
    """Give the headers that reach the container: no other ones do."""
    return {header: request[member] for member, header in _FORWARDED.items() if member in request}


def answer_headers(answered: Mapping[str, str], variant: str) -> dict[str, str]:
    """Give the headers that the caller gets.

    Args:
        answered: those of the container's answer.
        variant: the name of the production variant.
    """
    sent = {name.lower(): value for name, value in answered.items()}
    headers = {
        "Content-Type": sent.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": variant,
    }
    return headers | {name: sent[name.lower()] for name in _RETURNED if name.lower() in sent}

"""What an endpoint may not do because Application Auto Scaling scales a variant of it; pure."""

from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.errors import refusal
from drydock.sagemaker.memory.model import Endpoint, Fleet
from drydock.sagemaker.memory.state import State


def refuse_unscalable(state: State, endpoint: Endpoint, green: Fleet) -> None:
    """Refuse an update that drops a variant which is scaled, or changes its instance type.

    Source: SageMaker developer guide, "Update endpoints that use auto scaling"; the text is Drydock's own.

    Raises:
        ServiceError: the update would do so.
    """
    for (name, variant), target in state.scaled.items():
        former = endpoint.fleet.variants.get(variant) if endpoint.fleet else None
        if name != endpoint.name.lower() or former is None:
            continue
        new = green.variants.get(variant)
        what = "remove" if new is None else "change the instance type of"
        if new is None or new.definition.get("InstanceType") != former.definition.get("InstanceType"):
            raise refusal(
                f'The update would {what} variant "{variant}", which is registered as scalable target "{target}". '
                "Deregister it from Application Auto Scaling first."
            )


def targets_of(state: State, request: Mapping[str, Any]) -> list[str]:
    """Give the ARNs of the scalable targets of the endpoint that a request names."""
    endpoint = str(request.get("EndpointName", "")).lower()
    return [target for (name, _), target in state.scaled.items() if name == endpoint]

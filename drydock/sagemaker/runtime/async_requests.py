"""InvokeEndpointAsync: a request is taken into a queue, and where its answer will be is told at once.

Source: InvokeEndpointAsync in the runtime's API reference; developer guide, "Asynchronous inference" (outputs are named
as in its samples). Inferred: the texts of the refusals, that both an address and a body are refused, and how
S3OutputPathExtension and Filename are put together.
"""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.model import Endpoint

LONGEST_WAIT = 21600.0
"""RequestTTLSeconds where a request names none: SageMaker's seconds in the queue."""
LONGEST_ANSWER = 900.0
"""InvocationTimeoutSeconds where a request names none."""
DEFAULT_CONCURRENCY = 4
"""Requests at once on one instance where a configuration names no number; AWS chooses one that is not known."""
_OUT, _ERROR = ".out", "-error.out"


@dataclass(frozen=True)
class AsyncRequest:
    """A request in a queue."""

    id: str
    """The InferenceId."""
    endpoint: str
    request: Mapping[str, Any]
    """Members of InvokeEndpointAsync."""
    settings: Mapping[str, Any]
    """The AsyncInferenceConfig."""
    received: float
    """Seconds since the epoch."""
    output: str = ""
    """s3:// address of the answer; empty where a configuration names no place for it."""
    failure: str = ""
    """s3:// address of the answer of a model that fails."""

    def topic(self, *, good: bool) -> str:
        """Give the ARN of the topic that hears how it ended; empty where there is none."""
        topics = self.settings["OutputConfig"].get("NotificationConfig", {})
        return str(topics.get("SuccessTopic" if good else "ErrorTopic", ""))

    def includes_answer(self, *, good: bool) -> bool:
        """Whether the topic hears the answer itself too."""
        wanted = "SUCCESS_NOTIFICATION_TOPIC" if good else "ERROR_NOTIFICATION_TOPIC"
        return wanted in self.settings["OutputConfig"].get("NotificationConfig", {}).get(
            "IncludeInferenceResponseIn", ()
        )


def concurrency(settings: Mapping[str, Any]) -> int:
    """Say how many requests one instance takes at once."""
    return int(settings.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", DEFAULT_CONCURRENCY))


def take(endpoint: Endpoint, request: Mapping[str, Any], now: float) -> AsyncRequest:
    """Make a request for the queue.

    Args:
        endpoint: one that serves.
        request: members of InvokeEndpointAsync, validated.
        now: seconds since the epoch.

    Raises:
        ServiceError: ValidationError: the endpoint is no asynchronous one, or not exactly one input is given.
    """
    settings = settings_of(endpoint)
    if settings is None:
        raise ServiceError("ValidationError", f"Endpoint {endpoint.name} does not support asynchronous inference.")
    if ("InputLocation" in request) == ("Body" in request):
        raise ServiceError("ValidationError", "Exactly one of InputLocation and Body must be given.")
    output = settings["OutputConfig"]
    name, extension = str(request.get("Filename", uuid.uuid4())), str(request.get("S3OutputPathExtension", ""))
    return AsyncRequest(
        id=request.get("InferenceId") or str(uuid.uuid4()),
        endpoint=endpoint.name,
        request=request,
        settings=settings,
        received=now,
        output=_address(output.get("S3OutputPath", ""), extension, f"{name}{'' if 'Filename' in request else _OUT}"),
        failure=_address(output.get("S3FailurePath", ""), extension, f"{name}{_ERROR}"),
    )


def plain(job: AsyncRequest) -> dict[str, Any]:
    """Write a request as JSON has it."""
    request = dict(job.request)
    if "Body" in request:
        request["Body"] = base64.b64encode(request["Body"]).decode()
    return {**asdict(job), "request": request}


def from_plain(document: Mapping[str, Any]) -> AsyncRequest:
    """Read what `plain` wrote."""
    request = dict(document["request"])
    if "Body" in request:
        request["Body"] = base64.b64decode(request["Body"])
    return AsyncRequest(**{**document, "request": request})


def refuse_asynchronous(endpoint: Endpoint) -> None:
    """Refuse to answer at once for an endpoint that answers later.

    Raises:
        ServiceError: ValidationError.
    """
    if settings_of(endpoint) is not None:
        text = f"Endpoint {endpoint.name} is configured for asynchronous inference. Use InvokeEndpointAsync."
        raise ServiceError("ValidationError", text)


def settings_of(endpoint: Endpoint) -> Mapping[str, Any] | None:
    """Give the AsyncInferenceConfig of an endpoint; None for one that answers at once."""
    return endpoint.fleet.asynchronous if endpoint.fleet else None


def _address(path: str, extension: str, name: str) -> str:
    parts = [path.rstrip("/"), extension.strip("/"), name]
    return "/".join(part for part in parts if part) if path else ""

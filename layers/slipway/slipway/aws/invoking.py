"""One InvokeEndpoint request and its reply, whatever kind of reply it is."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from slipway.aws.refusals import BROKEN_LINE, code_of, message_of
from slipway.exchanges import Reply

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

    from slipway.exchanges import Invocation

_OPTIONAL = {
    "InferenceId": "inference_id",
    "CustomAttributes": "custom_attributes",
    "TargetVariant": "target_variant",
    "TargetModel": "target_model",
    "TargetContainerHostname": "target_container",
    "SessionId": "session_id",
    "EnableExplanations": "enable_explanations",
}
"""Fields of InvokeEndpoint that are left out when they are empty."""


def invoke(runtime: SageMakerRuntimeClient, invocation: Invocation) -> Reply:
    """Send one request; the latency is what its sender waits, until the last byte of the answer."""
    began = perf_counter()
    try:
        said: Any = runtime.invoke_endpoint(**_request(invocation))
        body = said["Body"].read()
    except ClientError as error:
        return _reply_of(error, _milliseconds_since(began))
    except BROKEN_LINE as error:
        return Reply(0, latency_ms=_milliseconds_since(began), error=type(error).__name__, message=str(error))
    return Reply(
        status=said["ResponseMetadata"]["HTTPStatusCode"],
        body=body,
        content_type=said.get("ContentType", ""),
        variant=said.get("InvokedProductionVariant", ""),
        latency_ms=_milliseconds_since(began),
        request_id=said["ResponseMetadata"].get("RequestId", ""),
        custom_attributes=said.get("CustomAttributes", ""),
    )


def _request(invocation: Invocation) -> Any:
    fields = {name: getattr(invocation, attribute) for name, attribute in _OPTIONAL.items()}
    return {
        "EndpointName": invocation.endpoint,
        "Body": invocation.body,
        "ContentType": invocation.content_type,
        "Accept": invocation.accept,
        **{name: value for name, value in fields.items() if value},
    }


def _reply_of(error: ClientError, latency_ms: float) -> Reply:
    """Read a refusal. Only a ModelError carries what the container said: its status, 0 when it timed out, and the
    beginning of its answer."""
    said: Any = error.response
    return Reply(
        status=said.get("OriginalStatusCode", 0),
        body=said.get("OriginalMessage", "").encode(),
        latency_ms=latency_ms,
        error=code_of(error),
        message=message_of(error) or said.get("Message", ""),
        request_id=said["ResponseMetadata"].get("RequestId", ""),
        log_stream=said.get("LogStreamArn", ""),
    )


def _milliseconds_since(began: float) -> float:
    return (perf_counter() - began) * 1000

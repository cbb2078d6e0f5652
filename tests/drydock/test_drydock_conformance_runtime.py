"""The runtime as AWS has it: its constraints, its headers both ways, its errors, its stream; through real clients."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.faults import Fault, FaultKind
from drydock.sagemaker.rules import Rules

PREFIX = "X-Amzn-SageMaker-"


def tell_headers(body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
    answered = {
        "content-type": "text/plain",
        "x-amzn-sagemaker-custom-attributes": "trace=out",
        "x-amzn-sagemaker-new-session-id": "s-1; Expires=2026-01-01T00:00:00Z",
        "x-amzn-sagemaker-closed-session-id": "s-0",
        "x-secret": "kept",
    }
    return ContainerAnswer(200, ",".join(sorted(headers)).encode(), answered)


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.launcher.responses["model:headers"] = tell_headers
        running.config("one", image="model:headers")
        running.config("echo")
        running.endpoint("churn", "one")
        running.endpoint("echo", "echo")
        yield running


def refused(call: Callable[..., Any], **request: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_headers_pass_both_ways_and_no_others(hosting: LocalHosting) -> None:
    answer = hosting.runtime.invoke_endpoint(
        EndpointName="churn",
        Body=b"x",
        ContentType="text/csv",
        Accept="text/plain",
        CustomAttributes="trace=in",
        SessionId="NEW_SESSION",
        InferenceId="i-1",
    )
    sent = answer["Body"].read().decode().split(",")
    own = (f"{PREFIX}{name}" for name in ("Custom-Attributes", "Session-Id", "Inference-Id"))
    assert sent == sorted(["Accept", "Content-Type", *own])
    assert answer["CustomAttributes"] == "trace=out"
    assert answer["NewSessionId"] == "s-1; Expires=2026-01-01T00:00:00Z"
    assert answer["ClosedSessionId"] == "s-0"
    assert "x-secret" not in answer["ResponseMetadata"]["HTTPHeaders"]


@pytest.mark.parametrize(
    ("code", "status"),
    [("ModelNotReadyException", 429), ("ServiceUnavailable", 503), ("InternalDependencyException", 530)],
)
def test_a_planned_error_arrives_as_the_class_of_the_client(hosting: LocalHosting, code: str, status: int) -> None:
    fault = Fault(FaultKind.ERROR, operation="InvokeEndpoint", code=code, status=status, message="Not now.")
    hosting.service.faults.add(fault)
    assert refused(hosting.runtime.invoke_endpoint, EndpointName="echo", Body=b"x") == (status, code, "Not now.")
    hosting.service.faults.add(fault)
    with pytest.raises(getattr(hosting.runtime.exceptions, code)):
        hosting.runtime.invoke_endpoint(EndpointName="echo", Body=b"x")
    assert hosting.runtime.invoke_endpoint(EndpointName="echo", Body=b"x")["Body"].read() == b"x"


def test_a_body_of_six_mebibytes_passes_and_one_byte_more_does_not(hosting: LocalHosting) -> None:
    body = b"x" * Rules.largest_body
    call = hosting.runtime.invoke_endpoint
    assert len(call(EndpointName="echo", Body=body)["Body"].read()) == len(body)
    assert refused(call, EndpointName="echo", Body=body + b"x")[0] == 413
    hosting.ask("POST", "rules", {"largest_body": len(body) + 1})
    assert len(call(EndpointName="echo", Body=body + b"x")["Body"].read()) == len(body) + 1


@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        ("TargetModel", "a.tar.gz", "Endpoint echo is not a multi-model endpoint and does not support target model he"),
        ("TargetContainerHostname", "first", "Endpoint echo is not configured for direct invocation"),
        ("InferenceComponentName", "part", "Inference component part not found on endpoint echo."),
        ("EnableExplanations", "`true`", "Endpoint echo has no explainer"),
    ],
)
def test_what_the_endpoint_has_no_use_for_is_refused(hosting: LocalHosting, member: str, value: str, text: str) -> None:
    call = hosting.runtime.invoke_endpoint
    status, code, message = refused(call, EndpointName="echo", Body=b"", **{member: value})
    assert (status, code) == (400, "ValidationError")
    assert message.startswith(text)


@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        (
            "CustomAttributes",
            "x" * 1025,
            "'customAttributes' failed to satisfy constraint: Member must have length less",
        ),
        ("InferenceId", "x" * 65, "'inferenceId' failed to satisfy constraint: Member must have length less"),
        ("SessionId", "!", "'sessionId' failed to satisfy constraint: Member must satisfy regular expression"),
        ("TargetVariant", "_", "'targetVariant' failed to satisfy constraint: Member must satisfy regular expression"),
    ],
)
def test_each_header_keeps_its_constraint(hosting: LocalHosting, member: str, value: str, text: str) -> None:
    status, code, message = refused(hosting.runtime.invoke_endpoint, EndpointName="echo", Body=b"", **{member: value})
    assert (status, code) == (400, "ValidationError")
    assert message.startswith("1 validation error detected: ") and text in message

"""The runtime as AWS has it: its constraints, its headers both ways, its errors, its stream; through real clients."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting

from drydock.sagemaker.event_stream import PART
from drydock.sagemaker.faults import Fault, FaultKind
from drydock.sagemaker.runtime_wire import LARGEST_BODY
from drydock.sagemaker.surroundings import ContainerAnswer

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
    assert sent == sorted(["Accept", "Content-Type", f"{PREFIX}Custom-Attributes", f"{PREFIX}Session-Id"])
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
    body = b"x" * LARGEST_BODY
    assert len(hosting.runtime.invoke_endpoint(EndpointName="echo", Body=body)["Body"].read()) == LARGEST_BODY
    assert refused(hosting.runtime.invoke_endpoint, EndpointName="echo", Body=body + b"x")[0] == 413


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


def streamed(hosting: LocalHosting, body: bytes) -> list[bytes]:
    answer = hosting.runtime.invoke_endpoint_with_response_stream(EndpointName="echo", Body=body)
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/plain", "main")
    return [event["PayloadPart"]["Bytes"] for event in answer["Body"]]


def test_an_answer_is_streamed_in_parts(hosting: LocalHosting) -> None:
    body = bytes(range(256)) * 600
    parts = streamed(hosting, body)
    assert b"".join(parts) == body
    assert [len(part) for part in parts] == [PART, PART, len(body) - 2 * PART]
    assert b"".join(streamed(hosting, b"")) == b""


def test_a_stream_is_refused_like_an_invocation(hosting: LocalHosting) -> None:
    call = hosting.runtime.invoke_endpoint_with_response_stream
    assert refused(call, EndpointName="Echo", Body=b"x") == (
        400,
        "ValidationError",
        "Endpoint Echo of account 000000000000 not found.",
    )
    hosting.launcher.responses["model:bad"] = lambda body, headers: ContainerAnswer(500, b"boom")
    hosting.config("bad", image="model:bad")
    hosting.endpoint("bad", "bad")
    assert refused(call, EndpointName="bad", Body=b"x")[:2] == (424, "ModelError")

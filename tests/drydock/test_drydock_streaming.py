"""InvokeEndpointWithResponseStream through boto3: parts, errors before and in it, what is counted and captured."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError, EventStreamError
from hosting_support import LocalHosting, eventually, production_variant

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.wire.event_stream import PART


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting(invocation_timeout=0.05) as running:
        running.config("echo")
        running.endpoint("echo", "echo")
        running.surroundings.metrics.clear()
        yield running


def opened(hosting: LocalHosting, body: bytes, **request: str) -> dict[str, Any]:
    call = hosting.runtime.invoke_endpoint_with_response_stream
    return dict(call(EndpointName="echo", Body=body, **request))


def parts(answer: dict[str, Any]) -> list[bytes]:
    return [event["PayloadPart"]["Bytes"] for event in answer["Body"]]


def counted(hosting: LocalHosting, name: str) -> list[float]:
    return [metric.value for metric in hosting.surroundings.metrics if metric.name == name]


def test_each_part_goes_on_as_the_container_writes_it(hosting: LocalHosting) -> None:
    answer = opened(hosting, b"one|two|three", Accept="text/plain", InferenceId="i-1")
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/plain", "main")
    assert parts(answer) == [b"one", b"two", b"three"]
    [(_, headers)] = hosting.launcher.running()[0].seen
    assert headers == {"Accept": "text/plain", "X-Amzn-SageMaker-Inference-Id": "i-1"}


def test_a_part_above_64_kib_is_cut(hosting: LocalHosting) -> None:
    body = b"x" * (2 * PART + 1)
    assert [len(part) for part in parts(opened(hosting, body))] == [PART, PART, 1]
    assert b"".join(parts(opened(hosting, b""))) == b""


@pytest.mark.parametrize(("end", "code"), [(b"break", "StreamBroken"), (b"late", "ModelInvocationTimeExceeded")])
def test_a_stream_that_breaks_off_ends_with_an_error(hosting: LocalHosting, end: bytes, code: str) -> None:
    events = iter(opened(hosting, b"one|" + end)["Body"])
    assert next(events)["PayloadPart"]["Bytes"] == b"one"
    with pytest.raises(EventStreamError) as error:
        next(events)
    assert error.value.response["Error"]["Code"] == "ModelStreamError"
    eventually(lambda: counted(hosting, "InvocationModelErrors") == [1.0])
    assert hosting.launcher.running()[0].closed == 1
    path = f"{hosting.url}/endpoints/echo/invocations-response-stream"
    with urlopen(Request(path, b"one|" + end, method="POST")) as raw:  # noqa: S310
        assert f'"ErrorCode": "{code}"'.encode() in raw.read()  # boto3 drops it


def test_a_stream_is_counted_once_when_it_ends(hosting: LocalHosting) -> None:
    assert parts(opened(hosting, b"one|two")) == [b"one", b"two"]
    eventually(lambda: counted(hosting, "Invocations") == [1.0])
    assert counted(hosting, "InvocationModelErrors") == [0.0]


def test_a_stream_is_captured_as_a_whole(hosting: LocalHosting) -> None:
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="captured",
        ProductionVariants=[production_variant("echo")],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": "s3://captured/prefix",
            "CaptureOptions": [{"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"CsvContentTypes": ["text/plain"]},
        },
    )
    hosting.endpoint("captured", "captured")
    call = hosting.runtime.invoke_endpoint_with_response_stream
    parts(call(EndpointName="captured", Body=b"one|two", InferenceId="i-9"))
    eventually(lambda: bool(hosting.surroundings.objects))
    [line] = [json.loads(body) for body in hosting.surroundings.objects.values()]
    assert line["captureData"]["endpointOutput"]["data"] == "onetwo"
    assert line["eventMetadata"]["inferenceId"] == "i-9"


def refused(hosting: LocalHosting, endpoint: str) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        hosting.runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=b"x")
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_a_stream_is_refused_like_an_invocation(hosting: LocalHosting) -> None:
    unknown = "Endpoint Echo of account 000000000000 not found."
    assert refused(hosting, "Echo") == (400, "ValidationError", unknown)
    hosting.launcher.responses["model:bad"] = lambda body, headers: ContainerAnswer(500, b"boom")
    hosting.config("bad", image="model:bad")
    hosting.endpoint("bad", "bad")
    status, code, message = refused(hosting, "bad")
    assert (status, code) == (424, "ModelError")
    assert message.startswith('Received server error (500) from primary with message "boom".')
    assert hosting.launcher.running("model:bad")[0].closed == 1


def test_a_model_that_does_not_begin_to_answer_is_a_model_error_of_status_0(hosting: LocalHosting) -> None:
    hosting.config("slow", image="model:slow")
    hosting.endpoint("slow", "slow")
    status, code, message = refused(hosting, "slow")
    assert (status, code) == (424, "ModelError")
    assert 'Received server error (0) from primary with message "Your invocation timed out' in message

"""One invocation, whatever comes back: SageMaker's runtime by canned answers, sent once each."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from slipway.aws import clients
from slipway.aws.invoking import invoke
from slipway.exchanges import Invocation
from tests.fakes.canned import CannedAws, canned

ASKED = Invocation("churn", b'{"x": 1}', "application/json", "application/json", "release-1")
SENT = {
    "Custom-Attributes": b"trace=1",
    "Target-Variant": b"main",
    "Target-Model": b"a.tar.gz",
    "Target-Container-Hostname": b"first",
    "Session-Id": b"NEW_SESSION",
    "Enable-Explanations": b"`true`",
}
STREAM = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/churn"
MODEL_ERROR = {
    "Message": 'Received server error (500) from primary with message "boom".',
    "OriginalStatusCode": 500,
    "OriginalMessage": "boom",
    "LogStreamArn": STREAM,
}


@pytest.fixture
def runtime() -> Any:
    return clients.runtime_client()


@pytest.fixture
def aws(runtime: Any) -> Iterator[CannedAws]:
    with canned(runtime) as answers:
        yield answers


def test_a_good_answer_is_told_whole(runtime: Any, aws: CannedAws) -> None:
    headers = {"Content-Type": "text/csv", "x-Amzn-Invoked-Production-Variant": "main"}
    aws.say(200, b"0.5", headers)
    reply = invoke(runtime, ASKED)
    assert (reply.status, reply.body, reply.content_type, reply.variant) == (200, b"0.5", "text/csv", "main")
    assert (reply.error, reply.request_id) == ("", "request-1")
    assert reply.latency_ms > 0


def test_the_request_is_what_was_asked(runtime: Any, aws: CannedAws) -> None:
    aws.say(200, b"{}")
    invoke(runtime, ASKED)
    sent = aws.requests[0]
    assert sent.url.endswith("/endpoints/churn/invocations")
    assert sent.body == b'{"x": 1}'
    assert sent.headers["X-Amzn-SageMaker-Inference-Id"] == b"release-1"


def test_every_field_of_the_request_has_its_header(runtime: Any, aws: CannedAws) -> None:
    aws.say(200, b"{}", {"X-Amzn-SageMaker-Custom-Attributes": "model=v12"})
    asked = replace(
        ASKED,
        custom_attributes="trace=1",
        target_variant="main",
        target_model="a.tar.gz",
        target_container="first",
        session_id="NEW_SESSION",
        enable_explanations="`true`",
    )
    assert invoke(runtime, asked).custom_attributes == "model=v12"
    headers = aws.requests[0].headers
    sent = {name: headers[f"X-Amzn-SageMaker-{name}"] for name in SENT}
    assert sent == SENT


def test_an_empty_inference_id_is_left_out(runtime: Any, aws: CannedAws) -> None:
    aws.say(200, b"{}")
    invoke(runtime, Invocation("churn", b"", "text/csv", "text/csv"))
    assert "X-Amzn-SageMaker-Inference-Id" not in aws.requests[0].headers


def test_the_containers_error_is_told_with_its_status_and_words(runtime: Any, aws: CannedAws) -> None:
    aws.say(424, MODEL_ERROR, {"x-amzn-ErrorType": "ModelError"})
    reply = invoke(runtime, ASKED)
    assert (reply.status, reply.error, reply.body, reply.log_stream) == (500, "ModelError", b"boom", STREAM)
    assert reply.message == MODEL_ERROR["Message"]


def test_a_container_that_timed_out_has_status_0(runtime: Any, aws: CannedAws) -> None:
    aws.say(424, {**MODEL_ERROR, "OriginalStatusCode": 0}, {"x-amzn-ErrorType": "ModelError"})
    reply = invoke(runtime, ASKED)
    assert (reply.status, reply.error) == (0, "ModelError")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "ValidationError"),
        (403, "AccessDeniedException"),
        (429, "ModelNotReadyException"),
        (429, "ThrottlingException"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
        (530, "InternalDependencyException"),
    ],
)
def test_a_refusal_of_the_service_is_told_and_not_repeated(
    runtime: Any, aws: CannedAws, status: int, code: str
) -> None:
    aws.say(status, {"Message": "no"}, {"x-amzn-ErrorType": code})
    reply = invoke(runtime, ASKED)
    assert (reply.status, reply.error, reply.message) == (0, code, "no")
    assert len(aws.requests) == 1


@pytest.mark.parametrize("kind", [ReadTimeoutError, ConnectTimeoutError, EndpointConnectionError])
def test_a_broken_line_is_told_and_not_tried_again(runtime: Any, aws: CannedAws, kind: Any) -> None:
    aws.break_with(kind(endpoint_url="http://canned", error="it broke"))
    reply = invoke(runtime, ASKED)
    assert (reply.status, reply.error) == (0, kind.__name__)
    assert reply.message
    assert len(aws.requests) == 1

"""Data capture: what is described, and what is written to S3."""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hosting_support import FakeSurroundings, LocalHosting, eventually, production_variant

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.runtime.capture import Capturer, line

NOON = 1767614700.25
"""2026-01-05T12:05:00.25Z"""


def settings(**more: Any) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://captured/prefix",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        **more,
    }


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.model("m")
        yield running


def serve(hosting: LocalHosting, **more: Any) -> dict[str, Any]:
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[production_variant("m")], DataCaptureConfig=settings(**more)
    )
    return hosting.endpoint("Churn", "c")


def written(hosting: LocalHosting) -> list[dict[str, Any]]:
    return [json.loads(text) for body in hosting.surroundings.objects.values() for text in body.splitlines()]


def test_requests_and_answers_are_written_by_endpoint_variant_and_hour(hosting: LocalHosting) -> None:
    described = serve(hosting)
    assert described["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": "s3://captured/prefix",
        "KmsKeyId": "",
    }
    for number in range(3):
        hosting.runtime.invoke_endpoint(
            EndpointName="Churn",
            Body=b"1,2",
            ContentType="text/csv",
            InferenceId=f"id-{number}",
            CustomAttributes="a=b",
        )
    eventually(lambda: len(written(hosting)) == 3)
    (address,) = hosting.surroundings.objects
    pattern = r"s3://captured/prefix/Churn/main/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl"
    assert re.fullmatch(pattern, address)
    record = written(hosting)[0]
    assert record["captureData"] == {
        "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": "1,2", "encoding": "CSV"},
        "endpointOutput": {
            "observedContentType": "text/plain",
            "mode": "OUTPUT",
            "data": base64.b64encode(b"1,2").decode(),
            "encoding": "BASE64",
        },
    }
    assert (record["eventMetadata"]["inferenceId"], record["eventMetadata"]["customAttributes"]) == ("id-0", ["a=b"])
    assert record["eventVersion"] == "0"


def test_what_is_switched_off_is_described_as_stopped_and_not_written(hosting: LocalHosting) -> None:
    described = serve(hosting, EnableCapture=False)
    assert described["DataCaptureConfig"]["CaptureStatus"] == "Stopped"
    hosting.runtime.invoke_endpoint(EndpointName="Churn", Body=b"x")
    assert asyncio.run_coroutine_threadsafe(_closed(hosting), hosting.loop).result(5) == {}


def test_a_refusal_of_the_model_is_not_captured(hosting: LocalHosting) -> None:
    hosting.launcher.responses["model:good"] = lambda body, headers: ContainerAnswer(500, b"no")
    serve(hosting)
    with pytest.raises(hosting.runtime.exceptions.ModelError):
        hosting.runtime.invoke_endpoint(EndpointName="Churn", Body=b"x")
    assert asyncio.run_coroutine_threadsafe(_closed(hosting), hosting.loop).result(5) == {}


def test_close_writes_what_is_gathered() -> None:
    with LocalHosting() as hosting:
        hosting.model("m")
        serve(hosting)
        hosting.runtime.invoke_endpoint(EndpointName="Churn", Body=b"x")
    assert len(written(hosting)) == 1


def test_a_bucket_that_is_not_there_does_not_stop_the_service(hosting: LocalHosting) -> None:
    serve(hosting, DestinationS3Uri="s3://no-such-bucket/x")
    hosting.runtime.invoke_endpoint(EndpointName="Churn", Body=b"x")
    assert asyncio.run_coroutine_threadsafe(_closed(hosting), hosting.loop).result(5) == {}
    assert hosting.runtime.invoke_endpoint(EndpointName="Churn", Body=b"x")["Body"].read() == b"x"


def test_a_sample_is_taken_of_as_many_as_told() -> None:
    async def sample() -> int:
        surroundings = FakeSurroundings()
        numbers = iter([0.0, 0.29, 0.3, 0.99])
        capturer = Capturer(surroundings, lambda: NOON, draw=lambda: next(numbers))
        for _ in range(4):
            capturer.capture(settings(InitialSamplingPercentage=30), "e", "v", {"Body": b""}, ContainerAnswer(200))
        await capturer.close()
        ((address, body),) = surroundings.objects.items()
        assert address.startswith("s3://captured/prefix/e/v/2026/01/05/12/05-00-250-")
        return len(body.splitlines())

    assert asyncio.run(sample()) == 2


@pytest.mark.parametrize(
    ("content_type", "body", "encoding", "data"),
    [
        ("application/json; charset=utf-8", b'{"a":1}', "JSON", '{"a":1}'),
        ("application/jsonlines", b"{}", "JSON", "{}"),
        ("text/csv", b"\xff", "BASE64", "/w=="),
        ("image/png", b"\x00", "BASE64", "AA=="),
    ],
)
def test_the_content_type_decides_on_the_encoding(content_type: str, body: bytes, encoding: str, data: str) -> None:
    header = {"JsonContentTypes": ["application/json", "application/jsonlines"]}
    chosen = settings(CaptureOptions=[{"CaptureMode": "Input"}], CaptureContentTypeHeader=header)
    record = json.loads(line(chosen, {"Body": body, "ContentType": content_type}, ContainerAnswer(200), NOON))
    assert list(record["captureData"]) == ["endpointInput"]
    side = record["captureData"]["endpointInput"]
    assert (side["encoding"], side["data"]) == (encoding, data)
    assert record["eventMetadata"]["inferenceTime"] == "2026-01-05T12:05:00Z"


async def _closed(hosting: LocalHosting) -> dict[str, bytes]:
    await hosting.service._runtime.close()
    return hosting.surroundings.objects

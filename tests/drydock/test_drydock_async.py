"""InvokeEndpointAsync: taken at once, answered in S3, told to topics, counted."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting, eventually, production_variant

from drydock.sagemaker.answers import ContainerAnswer

GOOD, BAD = "arn:aws:sns:us-east-1:000000000000:good", "arn:aws:sns:us-east-1:000000000000:bad"
OUTPUT = {"S3OutputPath": "s3://out/answers/", "S3FailurePath": "s3://out/failures"}


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.launcher.responses["model:bad"] = lambda body, headers: ContainerAnswer(500, b"boom")
        running.surroundings.objects["s3://input/one.csv"] = b"1,2"
        yield running


def serve(hosting: LocalHosting, image: str = "model:good", most: int = 0, instances: int = 1, **output: Any) -> None:
    hosting.model("m", Image=image)
    client = {"ClientConfig": {"MaxConcurrentInvocationsPerInstance": most}} if most else {}
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[production_variant("m", instances)],
        AsyncInferenceConfig={"OutputConfig": {**OUTPUT, **output}, **client},
    )
    hosting.endpoint("later", "c")
    hosting.surroundings.metrics.clear()


def topics(*included: str) -> dict[str, Any]:
    return {"NotificationConfig": {"SuccessTopic": GOOD, "ErrorTopic": BAD, "IncludeInferenceResponseIn": included}}


def ask(hosting: LocalHosting, **request: Any) -> dict[str, Any]:
    given = request or {"InputLocation": "s3://input/one.csv"}
    return dict(hosting.runtime.invoke_endpoint_async(EndpointName="later", **given))


def written(hosting: LocalHosting, address: str) -> bytes:
    eventually(lambda: address in hosting.surroundings.objects)
    return hosting.surroundings.objects[address]


def heard(hosting: LocalHosting, count: int = 1) -> list[tuple[str, dict[str, Any]]]:
    eventually(lambda: len(hosting.surroundings.told) == count)
    return hosting.surroundings.told


def values(hosting: LocalHosting, name: str) -> list[float]:
    return [metric.value for metric in hosting.surroundings.metrics if metric.name == name]


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == "ValidationError"
    return str(error.value.response["Error"]["Message"])


def test_the_answer_is_found_where_the_caller_was_told(hosting: LocalHosting) -> None:
    serve(hosting)
    answer = ask(
        hosting, InputLocation="s3://input/one.csv", ContentType="text/csv", Accept="text/plain", InferenceId="i-1"
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["InferenceId"] == "i-1"
    assert answer["OutputLocation"].startswith("s3://out/answers/") and answer["OutputLocation"].endswith(".out")
    assert answer["FailureLocation"].endswith("-error.out")
    assert written(hosting, answer["OutputLocation"]) == b"1,2"
    [(body, headers)] = hosting.launcher.running()[0].seen
    assert (body, headers) == (
        b"1,2",
        {"Content-Type": "text/csv", "Accept": "text/plain", "X-Amzn-SageMaker-Inference-Id": "i-1"},
    )


def test_a_small_input_may_come_with_the_request_and_the_output_be_named(hosting: LocalHosting) -> None:
    serve(hosting)
    answer = ask(hosting, Body=b"3,4", S3OutputPathExtension="team/a", Filename="mine.csv")
    assert answer["OutputLocation"] == "s3://out/answers/team/a/mine.csv"
    assert written(hosting, answer["OutputLocation"]) == b"3,4"


def test_success_is_told_to_its_topic(hosting: LocalHosting) -> None:
    serve(hosting, **topics("SUCCESS_NOTIFICATION_TOPIC"))
    answer = ask(hosting, InputLocation="s3://input/one.csv", Accept="text/plain")
    [(topic, notice)] = heard(hosting)
    assert topic == GOOD
    times = notice.pop("eventTime"), notice.pop("receivedTime")
    assert all(len(each) == 24 and each.endswith("Z") for each in times)
    assert notice == {
        "awsRegion": "us-east-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": "text/plain",
            "endpointName": "later",
            "inputLocation": "s3://input/one.csv",
        },
        "responseParameters": {"contentType": "text/plain", "outputLocation": answer["OutputLocation"]},
        "responseBody": {"content": base64.b64encode(b"1,2").decode(), "encoding": "BASE64"},
        "inferenceId": answer["InferenceId"],
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


def test_what_a_model_refuses_is_written_and_told_elsewhere(hosting: LocalHosting) -> None:
    serve(hosting, image="model:bad", **topics())
    answer = ask(hosting)
    [(topic, notice)] = heard(hosting)
    assert (topic, notice["invocationStatus"]) == (BAD, "Failed")
    assert notice["failureReason"].startswith("ClientError: Received server error (500) from model.")
    assert "responseParameters" not in notice and "responseBody" not in notice
    assert written(hosting, answer["FailureLocation"]) == b"boom"
    assert answer["OutputLocation"] not in hosting.surroundings.objects
    assert values(hosting, "InvocationFailures") == [1.0]
    assert values(hosting, "Invocation5XXErrors") == [1.0]


@pytest.mark.parametrize(
    ("output", "source", "metric", "text"),
    [
        ({}, "s3://input/none", "RequestDownloadFailures", "Failed to download the request payload"),
        (
            {"S3OutputPath": "s3://no-such-bucket/x"},
            "s3://input/one.csv",
            "ResponseUploadFailures",
            "Failed to upload the response",
        ),
    ],
)
def test_what_s3_refuses_is_told_and_counted(
    hosting: LocalHosting, output: dict[str, str], source: str, metric: str, text: str
) -> None:
    serve(hosting, **topics(), **output)
    ask(hosting, InputLocation=source)
    [(topic, notice)] = heard(hosting)
    assert topic == BAD
    assert text in notice["failureReason"]
    assert values(hosting, metric) == [1.0]


def test_a_topic_that_is_gone_is_counted(hosting: LocalHosting) -> None:
    serve(hosting, NotificationConfig={"SuccessTopic": "arn:aws:sns:us-east-1:000000000000:gone"})
    written(hosting, ask(hosting)["OutputLocation"])
    eventually(lambda: values(hosting, "NotificationFailures") == [1.0])


def test_an_instance_takes_no_more_than_it_may_and_the_rest_waits(hosting: LocalHosting) -> None:
    serve(hosting, image="model:slow", most=2, instances=2)
    answers = [ask(hosting) for _ in range(5)]
    instances = hosting.launcher.running()
    eventually(lambda: [len(each.seen) for each in instances] == [2, 2])
    eventually(lambda: 5.0 in values(hosting, "ApproximateBacklogSize"))
    assert 2.5 in values(hosting, "ApproximateBacklogSizePerInstance")
    for instance in instances:
        instance.gate.set()
    assert [written(hosting, each["OutputLocation"]) for each in answers] == [b"1,2"] * 5
    eventually(lambda: values(hosting, "ApproximateBacklogSize")[-1] == 0.0)
    assert max(len(each.seen) for each in instances) == 3


def test_what_waits_too_long_expires(hosting: LocalHosting) -> None:
    serve(hosting, image="model:slow", most=1, **topics())
    ask(hosting)
    late = ask(hosting, InputLocation="s3://input/one.csv", RequestTTLSeconds=60)
    [(topic, notice)] = heard(hosting)
    assert (topic, notice["inferenceId"]) == (BAD, late["InferenceId"])
    assert "expired" in notice["failureReason"]
    assert values(hosting, "ExpiredRequests") == [1.0]
    hosting.launcher.running()[0].gate.set()


def test_a_request_waits_for_an_instance(hosting: LocalHosting) -> None:
    serve(hosting)
    change = hosting.sagemaker.update_endpoint_weights_and_capacities
    for count in (0, 1):
        change(
            EndpointName="later", DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": count}]
        )
        hosting.settled("later")
        if count == 0:
            answer = ask(hosting)
            eventually(lambda: 1.0 in values(hosting, "HasBacklogWithoutCapacity"))
            assert answer["OutputLocation"] not in hosting.surroundings.objects
    assert written(hosting, answer["OutputLocation"]) == b"1,2"


def test_only_the_metrics_of_asynchronous_endpoints_are_published(hosting: LocalHosting) -> None:
    serve(hosting)
    ask(hosting)
    eventually(lambda: len(values(hosting, "TotalProcessingTime")) == 1)
    names = {(metric.name, len(metric.dimensions)) for metric in hosting.surroundings.metrics}
    assert names == {
        *((f"Approximate{name}", 1) for name in ("BacklogSize", "BacklogSizePerInstance", "AgeOfOldestRequest")),
        ("HasBacklogWithoutCapacity", 1),
        *((f"Invocation{name}XXErrors", 2) for name in "45"),
        *((name, 2) for name in ("ModelLatency", "TimeInBacklog", "TotalProcessingTime", "InvocationsProcessed")),
        *((name, 2) for name in ("RequestDownloadLatency", "ResponseUploadLatency")),
    }


def test_an_endpoint_answers_at_once_or_later_and_not_both(hosting: LocalHosting) -> None:
    serve(hosting)
    assert "Use InvokeEndpointAsync" in refused(hosting.runtime.invoke_endpoint, EndpointName="later", Body=b"x")
    hosting.config("now")
    hosting.endpoint("now", "now")
    call = hosting.runtime.invoke_endpoint_async
    text = "Endpoint now does not support asynchronous inference."
    assert refused(call, EndpointName="now", InputLocation="s3://input/one.csv") == text
    text = "Exactly one of InputLocation and Body must be given."
    assert refused(call, EndpointName="later") == text
    assert refused(call, EndpointName="later", InputLocation="s3://input/one.csv", Body=b"x") == text
    assert "requestTTLSeconds" in refused(call, EndpointName="later", Body=b"x", RequestTTLSeconds=99999)


def test_the_configuration_is_described(hosting: LocalHosting) -> None:
    serve(hosting, most=3)
    described = hosting.sagemaker.describe_endpoint(EndpointName="later")["AsyncInferenceConfig"]
    assert described == {"OutputConfig": OUTPUT, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 3}}
    assert described == hosting.sagemaker.describe_endpoint_config(EndpointConfigName="c")["AsyncInferenceConfig"]


def test_deleting_an_endpoint_gives_up_what_waits(hosting: LocalHosting) -> None:
    serve(hosting, image="model:slow", most=1)
    for _ in range(3):
        ask(hosting)
    eventually(lambda: len(hosting.launcher.running()[0].seen) == 1)
    hosting.sagemaker.delete_endpoint(EndpointName="later")
    eventually(lambda: not hosting.sagemaker.list_endpoints()["Endpoints"])
    assert not [address for address in hosting.surroundings.objects if address.startswith("s3://out")]


def test_an_input_that_came_along_has_no_address_in_the_notice(hosting: LocalHosting) -> None:
    serve(hosting, **topics("ERROR_NOTIFICATION_TOPIC"))
    ask(hosting, Body=b"3,4")
    [(_, notice)] = heard(hosting)
    assert notice["requestParameters"] == {"endpointName": "later"}
    assert "responseBody" not in notice

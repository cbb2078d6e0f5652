"""InvokeEndpoint through boto3: answers, errors, what containers and CloudWatch see."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting, all_at_once, eventually, production_variant

from drydock.sagemaker.answers import ContainerAnswer


@pytest.fixture(scope="module")
def shared() -> Iterator[LocalHosting]:
    with LocalHosting(invocation_timeout=0.05) as running:
        running.launcher.responses["model:status"] = _status
        running.config("good", instances=2)
        running.config("status", image="model:status")
        running.config("slow", image="model:slow")
        for name in ("good", "status", "slow"):
            running.endpoint(name, name)
        running.sagemaker.create_endpoint_config(
            EndpointConfigName="two",
            ProductionVariants=[
                production_variant("good", VariantName="a", InitialVariantWeight=3),
                production_variant("good", VariantName="b", InitialVariantWeight=1),
            ],
        )
        running.endpoint("two", "two")
        yield running


@pytest.fixture
def hosting(shared: LocalHosting) -> LocalHosting:
    shared.surroundings.metrics.clear()
    return shared


def _status(body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
    return ContainerAnswer(int(body), b"so it is", {"Content-Type": "text/plain"})


def values(hosting: LocalHosting, name: str) -> list[float]:
    return [metric.value for metric in hosting.surroundings.metrics if metric.name == name]


def refused(hosting: LocalHosting, endpoint: str, body: bytes = b"x", **request: str) -> dict[str, object]:
    with pytest.raises(ClientError) as error:
        hosting.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **request)
    return dict(error.value.response)


def test_only_supported_headers_reach_the_container(hosting: LocalHosting) -> None:
    hosting.runtime.invoke_endpoint(
        EndpointName="good",
        Body=b"x",
        ContentType="text/csv",
        Accept="application/json",
        CustomAttributes="c000b4f9-df62-4c85-a0bf",
        InferenceId="one",
    )
    seen = [headers for instance in hosting.launcher.running("model:good") for _, headers in instance.seen]
    assert seen[-1] == {
        "Content-Type": "text/csv",
        "Accept": "application/json",
        "X-Amzn-SageMaker-Custom-Attributes": "c000b4f9-df62-4c85-a0bf",
        "X-Amzn-SageMaker-Inference-Id": "one",
    }


def test_custom_attributes_come_back(hosting: LocalHosting) -> None:
    hosting.launcher.responses["model:custom"] = lambda body, headers: ContainerAnswer(
        200, b"", {"x-amzn-sagemaker-custom-attributes": "trace=1", "content-type": "text/csv", "x-own": "no"}
    )
    hosting.config("custom", image="model:custom")
    hosting.endpoint("custom", "custom")
    answer = hosting.runtime.invoke_endpoint(EndpointName="custom", Body=b"")
    assert (answer["CustomAttributes"], answer["ContentType"]) == ("trace=1", "text/csv")
    assert "x-own" not in answer["ResponseMetadata"]["HTTPHeaders"]


def test_instances_take_turns(hosting: LocalHosting) -> None:
    before = [len(instance.seen) for instance in hosting.launcher.running("model:good")[:2]]
    for _ in range(6):
        hosting.runtime.invoke_endpoint(EndpointName="good", Body=b"x")
    after = [len(instance.seen) for instance in hosting.launcher.running("model:good")[:2]]
    assert [end - start for start, end in zip(before, after, strict=True)] == [3, 3]


@pytest.mark.parametrize(
    ("status", "side", "code"), [(400, "client", "CLIENT_ERROR"), (503, "server", "INTERNAL_FAILURE")]
)
def test_what_the_container_refuses_is_a_model_error(hosting: LocalHosting, status: int, side: str, code: str) -> None:
    response = refused(hosting, "status", str(status).encode())
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424  # type: ignore[index]
    assert response["Error"] == {
        "Code": "ModelError",
        "Message": f'Received {side} error ({status}) from primary with message "so it is". '
        "See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        "#logEventViewer:group=/aws/sagemaker/Endpoints/status in account 000000000000 for more information.",
    }
    assert (response["OriginalStatusCode"], response["OriginalMessage"]) == (status, "so it is")
    assert response["LogStreamArn"] == "arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/status"
    assert values(hosting, "Invocation4XXErrors") == [float(side == "client")]
    assert values(hosting, "Invocation5XXErrors") == [float(side == "server")]
    assert values(hosting, "InvocationModelErrors") == [1.0]
    assert code in _body_of_error(hosting, status)


def test_a_model_that_takes_too_long_is_a_model_error_of_status_0(hosting: LocalHosting) -> None:
    response = refused(hosting, "slow")
    assert response["OriginalStatusCode"] == 0
    assert str(response["OriginalMessage"]).startswith(
        "Your invocation timed out while waiting for a response from container primary."
    )
    assert "Received server error (0) from primary" in response["Error"]["Message"]  # type: ignore[index]
    assert values(hosting, "Invocation5XXErrors") == [0.0]
    assert values(hosting, "InvocationModelErrors") == [1.0]


@pytest.mark.parametrize("name", ["nobody", "GOOD"])
def test_an_endpoint_is_found_by_its_exact_name_only(hosting: LocalHosting, name: str) -> None:
    assert refused(hosting, name)["Error"] == {
        "Code": "ValidationError",
        "Message": f"Endpoint {name} of account 000000000000 not found.",
    }
    assert not hosting.surroundings.metrics


def test_an_endpoint_that_is_not_in_service_yet_is_not_found(hosting: LocalHosting) -> None:
    hosting.config("deaf", image="model:deaf", ContainerStartupHealthCheckTimeoutInSeconds=600)
    hosting.sagemaker.create_endpoint(EndpointName="deaf", EndpointConfigName="deaf")
    assert "not found" in str(refused(hosting, "deaf")["Error"])


def test_a_body_that_is_too_large_is_refused_with_413(hosting: LocalHosting) -> None:
    response = refused(hosting, "good", b"x" * (6 * 1024 * 1024 + 1))
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 413  # type: ignore[index]


def test_weights_split_and_the_target_chooses(hosting: LocalHosting) -> None:
    taken = [
        hosting.runtime.invoke_endpoint(EndpointName="two", Body=b"x")["InvokedProductionVariant"] for _ in range(8)
    ]
    assert sorted(taken) == ["a"] * 6 + ["b"] * 2
    answer = hosting.runtime.invoke_endpoint(EndpointName="two", Body=b"x", TargetVariant="b")
    assert answer["InvokedProductionVariant"] == "b"
    assert refused(hosting, "two", TargetVariant="c")["Error"]["Code"] == "ValidationError"  # type: ignore[index]


def test_a_good_answer_is_counted_and_timed(hosting: LocalHosting) -> None:
    hosting.runtime.invoke_endpoint(EndpointName="good", Body=b"x")
    assert {metric.dimensions for metric in hosting.surroundings.metrics} == {("good", "main")}
    assert values(hosting, "Invocations") == [1.0]
    assert values(hosting, "InvocationsPerInstance") == [0.5]
    assert [values(hosting, f"Invocation{kind}Errors") for kind in ("4XX", "5XX", "Model")] == [[0.0]] * 3
    assert 0 < values(hosting, "ModelLatency")[0] < 1e6
    assert 0 < values(hosting, "OverheadLatency")[0] < 1e6


def test_how_many_requests_an_instance_has_at_once_is_measured() -> None:
    with LocalHosting() as hosting, ThreadPoolExecutor(2) as callers:
        hosting.config("slow", image="model:slow")
        hosting.endpoint("slow", "slow")
        [instance] = hosting.launcher.running()
        answers = [callers.submit(hosting.runtime.invoke_endpoint, EndpointName="slow", Body=b"x") for _ in range(2)]
        eventually(lambda: len(instance.seen) == 2)
        instance.gate.set()
        assert [answer.result()["Body"].read() for answer in answers] == [b"x", b"x"]
        assert sorted(values(hosting, "ConcurrentRequestsPerModel")) == [1.0, 2.0]


def test_the_new_fleet_of_an_update_is_measured_by_its_config_too(hosting: LocalHosting) -> None:
    hosting.config("first")
    hosting.config("second")
    hosting.endpoint("scoped", "first")
    hosting.sagemaker.update_endpoint(
        EndpointName="scoped", EndpointConfigName="second", DeploymentConfig=all_at_once(1200)
    )
    hosting.wait("scoped", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
    for _ in range(2):
        hosting.surroundings.metrics.clear()
        hosting.runtime.invoke_endpoint(EndpointName="scoped", Body=b"x")
        dimensions = {metric.dimensions for metric in hosting.surroundings.metrics}
        assert dimensions == {("scoped", "main"), ("scoped", "main", "second")}
        assert hosting.settled("scoped")["EndpointConfigName"] == "second"


def test_without_a_healthy_instance_the_service_is_unavailable(hosting: LocalHosting) -> None:
    hosting.config("dying")
    hosting.endpoint("dying", "dying")
    hosting.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="dying", DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 0}]
    )
    hosting.settled("dying")
    hosting.surroundings.metrics.clear()
    assert refused(hosting, "dying")["Error"]["Code"] == "ServiceUnavailable"  # type: ignore[index]
    assert values(hosting, "InvocationModelErrors") == [1.0]


def test_a_path_of_another_kind_is_an_unknown_operation(hosting: LocalHosting) -> None:
    request = Request(f"{hosting.url}/endpoints/good/invocations-bidirectional-stream", b"x", method="POST")  # noqa: S310
    with pytest.raises(HTTPError) as error:
        urlopen(request)  # noqa: S310
    assert error.value.headers["x-amzn-ErrorType"] == "UnknownOperationException"


def _body_of_error(hosting: LocalHosting, status: int) -> str:
    """The error's body as it goes over the wire: boto3 drops ErrorCode."""
    request = Request(f"{hosting.url}/endpoints/status/invocations", str(status).encode(), method="POST")  # noqa: S310
    with pytest.raises(HTTPError) as error:
        urlopen(request)  # noqa: S310
    return error.value.read().decode()

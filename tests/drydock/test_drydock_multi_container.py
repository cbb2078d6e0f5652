"""Models of several containers: pipelines, direct calls, their rules, their metrics."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import DATA, ROLE, LocalHosting, eventually, production_variant

from drydock.sagemaker.answers import ContainerAnswer


def marked(mark: str, content_type: str) -> Any:
    def respond(body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
        if body == mark.encode():
            return ContainerAnswer(400, b"not that")
        return ContainerAnswer(200, body + mark.encode(), {"content-type": content_type})

    return respond


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.launcher.responses |= {"model:a": marked("a", "text/csv"), "model:b": marked("b", "text/plain")}
        yield running


def container(image: str, hostname: str = "", **more: Any) -> dict[str, Any]:
    return {"Image": image, "ModelDataUrl": DATA, **({"ContainerHostname": hostname} if hostname else {}), **more}


def serve(hosting: LocalHosting, *containers: dict[str, Any], mode: str = "", instances: int = 1) -> None:
    execution = {"InferenceExecutionConfig": {"Mode": mode}} if mode else {}
    hosting.sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, Containers=list(containers), **execution)
    variants = [production_variant("m", instances)]
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=variants)
    hosting.endpoint("e", "c")
    hosting.surroundings.metrics.clear()


def refused(hosting: LocalHosting, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        hosting.runtime.invoke_endpoint(EndpointName="e", **{"Body": b"x", **request})
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def by_container(hosting: LocalHosting, name: str) -> dict[str, float]:
    found = [each for each in hosting.surroundings.metrics if each.name == name and len(each.dimensions) == 3]
    return {each.dimensions[2]: each.value for each in found}


def test_what_one_container_of_a_pipeline_answers_the_next_one_gets(hosting: LocalHosting) -> None:
    serve(hosting, container("model:a"), container("model:b"))
    answer = hosting.runtime.invoke_endpoint(
        EndpointName="e", Body=b"x", ContentType="application/json", Accept="text/plain", CustomAttributes="t=1"
    )
    assert (answer["Body"].read(), answer["ContentType"]) == (b"xab", "text/plain")
    seen = {instance.spec.image: instance.seen[0] for instance in hosting.launcher.running()}
    attributes = {"X-Amzn-SageMaker-Custom-Attributes": "t=1"}
    assert seen["model:a"] == (b"x", {"Content-Type": "application/json", **attributes})
    assert seen["model:b"] == (b"xa", {"Content-Type": "text/csv", "Accept": "text/plain", **attributes})


def test_each_container_of_a_pipeline_is_timed(hosting: LocalHosting) -> None:
    serve(hosting, container("model:a"), container("model:b"))
    hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")
    assert by_container(hosting, "ContainerLatency").keys() == {"container_1", "container_2"}
    assert by_container(hosting, "Invocations") == {"container_1": 1.0, "container_2": 1.0}
    assert not by_container(hosting, "OverheadLatency")
    [total] = [each.value for each in hosting.surroundings.metrics if each.name == "ModelLatency"]
    assert total >= sum(by_container(hosting, "ContainerLatency").values())


def test_a_pipeline_ends_at_the_container_that_refuses(hosting: LocalHosting) -> None:
    serve(hosting, container("model:a", "first"), container("model:b", "second"), mode="Serial")
    code, message = refused(hosting, Body=b"a")
    assert code == "ModelError"
    assert message.startswith('Received client error (400) from first with message "not that".')
    assert by_container(hosting, "Invocation4XXErrors") == {"first": 1.0}


def test_a_pipeline_streams_from_its_last_container(hosting: LocalHosting) -> None:
    hosting.launcher.responses["model:c"] = lambda body, headers: ContainerAnswer(200, body + b"|c")
    serve(hosting, container("model:a"), container("model:c"))
    answer = hosting.runtime.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"x")
    assert [event["PayloadPart"]["Bytes"] for event in answer["Body"]] == [b"xa", b"c"]
    eventually(lambda: by_container(hosting, "Invocations") == {"container_1": 1.0, "container_2": 1.0})
    with pytest.raises(ClientError, match="from container_1 with message"):
        hosting.runtime.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"a")


def test_a_direct_call_reaches_the_container_it_names_only(hosting: LocalHosting) -> None:
    serve(hosting, container("model:a", "first"), container("model:b", "second"), mode="Direct")
    call = hosting.runtime.invoke_endpoint
    assert call(EndpointName="e", Body=b"x", TargetContainerHostname="second")["Body"].read() == b"xb"
    [instance] = [each for each in hosting.launcher.running() if each.seen]
    assert (instance.spec.hostname, instance.seen) == ("second", [(b"x", {})])
    assert by_container(hosting, "Invocations") == {"second": 1.0}
    assert by_container(hosting, "OverheadLatency")["second"] > 0
    assert refused(hosting, Body=b"a", TargetContainerHostname="first")[1].startswith(
        "Received client error (400) from f"
    )


def test_a_direct_call_must_name_a_container_that_is_there(hosting: LocalHosting) -> None:
    serve(hosting, container("model:a", "first"), container("model:b", "second"), mode="Direct")
    assert refused(hosting, TargetContainerHostname="third") == (
        "ValidationError",
        "Container third not found on endpoint e.",
    )
    assert refused(hosting)[1].endswith("is missing a target container hostname header.")


def test_an_instance_is_healthy_when_all_its_containers_are_and_is_replaced_with_all(hosting: LocalHosting) -> None:
    serve(hosting, container("model:a"), container("model:b"), instances=2)
    first = hosting.launcher.running("model:a")[0]
    [partner] = [
        each for each in hosting.launcher.running("model:b") if each.spec.instance_id == first.spec.instance_id
    ]
    first.alive = False
    eventually(lambda: partner.stopped and len(hosting.launcher.running()) == 4)
    images = hosting.sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"][0]["DeployedImages"]
    assert [image["SpecifiedImage"] for image in images] == ["model:a", "model:b"]


def test_a_container_that_cannot_start_takes_its_siblings_along(hosting: LocalHosting) -> None:
    serve(hosting, container("model:a"), container("model:lost"))
    described = hosting.sagemaker.describe_endpoint(EndpointName="e")
    assert described["EndpointStatus"] == "Failed"
    assert described["FailureReason"].startswith("Failed to download model data")
    assert not hosting.launcher.running()


def test_one_container_of_a_pipeline_may_hold_many_models(hosting: LocalHosting) -> None:
    many = container("model:b", "many", Mode="MultiModel", ModelDataUrl="s3://artifacts/models/")
    serve(hosting, container("model:a", "one"), many)
    answer = hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x", TargetModel="m.tar.gz")
    assert answer["Body"].read() == b"xab"
    seen = {each.spec.model_data_url: each.seen[0][1] for each in hosting.launcher.running()}
    assert "X-Amzn-SageMaker-Target-Model" not in seen[DATA]
    assert seen["s3://artifacts/models/m.tar.gz"]["X-Amzn-SageMaker-Target-Model"] == "m.tar.gz"
    assert "ModelCacheHit" in {each.name for each in hosting.surroundings.metrics}


@pytest.mark.parametrize(
    ("containers", "mode", "text"),
    [
        ([container("a", "one"), container("b")], "Serial", "must be given for every container or for none"),
        ([container("a", "one"), container("b", "one")], "Serial", "must be unique"),
        ([container("a"), container("b")], "Direct", "is required for every container"),
        ([container("a", "one")], "Direct", "needs more than one container"),
        ([container("a", Mode="MultiModel"), container("b", Mode="MultiModel")], "Serial", "Only one container"),
        ([container("a")] * 16, "Serial", "Member must have length less than or equal to 15"),
    ],
)
def test_containers_that_do_not_go_together_are_refused(
    hosting: LocalHosting, containers: list[dict[str, Any]], mode: str, text: str
) -> None:
    with pytest.raises(ClientError, match=text):
        hosting.sagemaker.create_model(
            ModelName="m", Containers=containers, InferenceExecutionConfig={"Mode": mode}, ExecutionRoleArn=ROLE
        )


def test_the_container_that_does_not_come_up_is_named(hosting: LocalHosting) -> None:
    containers = [container("model:a", "first"), container("model:deaf", "second")]
    hosting.sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, Containers=containers)
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[production_variant("m")])
    described = hosting.endpoint("e", "c")
    assert described["EndpointStatus"] == "Failed"
    assert described["FailureReason"].startswith("The second container for production variant main did not pass")

"""Serverless variants: containers that come with requests and go without them, and what such endpoints cannot do."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from engine_house import House
from hosting_support import FakeInstance, LocalHosting, all_at_once, eventually, production_variant

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.definitions.serverless import LARGEST_PAYLOAD, check_serverless_models
from drydock.sagemaker.deployment.describe import describe
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.resources import Model
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations.endpoints import update_weights
from drydock.sagemaker.operations.models_and_configs import create_config, create_model
from drydock.sagemaker.rules import Rules

SMALL = {"MemorySizeInMB": 1024, "MaxConcurrency": 2}


def serverless(model: str = "m", **more: Any) -> dict[str, Any]:
    return {"VariantName": "main", "ModelName": model, "ServerlessConfig": {**SMALL, **more}}


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting(invocation_timeout=2.0) as running:
        yield running


def serve(hosting: LocalHosting, image: str = "model:good", idle_seconds: int = 60, **config: Any) -> dict[str, Any]:
    """Put a serverless endpoint `e` into service; idle containers end after a tenth of a second."""
    hosting.ask("POST", "rules", {"serverless_idle_seconds": idle_seconds})
    hosting.model("m", Image=image)
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[serverless(**config)])
    return hosting.endpoint("e", "c")


def invoke(hosting: LocalHosting, body: bytes = b"x") -> bytes:
    return bytes(hosting.runtime.invoke_endpoint(EndpointName="e", Body=body)["Body"].read())


def metrics(hosting: LocalHosting, name: str) -> list[float]:
    return [metric.value for metric in hosting.surroundings.metrics if metric.name == name]


def refused(hosting: LocalHosting, body: bytes = b"x") -> tuple[int, str]:
    with pytest.raises(ClientError) as error:
        invoke(hosting, body)
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"], str(error.value.response["Error"]["Code"])


def test_containers_end_when_idle_and_come_back_with_a_request(hosting: LocalHosting) -> None:
    described = serve(hosting)
    (variant,) = described["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == variant["DesiredServerlessConfig"] == SMALL
    assert "CurrentInstanceCount" not in variant
    eventually(lambda: not hosting.launcher.running())
    assert invoke(hosting) == b"x"
    (setup,) = metrics(hosting, "ModelSetupTime")
    assert setup > 0
    assert metrics(hosting, "OverheadLatency")[0] >= setup
    assert invoke(hosting) == b"x"
    assert len(metrics(hosting, "ModelSetupTime")) == 1, "the second found a warm one"
    assert (len(metrics(hosting, "Invocations")), metrics(hosting, "InvocationsPerInstance")) == (2, [])
    eventually(lambda: not hosting.launcher.running())


def test_each_request_at_once_has_a_container_and_one_too_many_is_throttled(hosting: LocalHosting) -> None:
    serve(hosting, "model:slow", idle_seconds=3600)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(invoke, hosting, b"%d" % number) for number in range(2)]
        eventually(lambda: sum(len(each.seen) for each in hosting.launcher.running()) == 2)
        assert [len(each.seen) for each in hosting.launcher.running()] == [1, 1]
        assert refused(hosting) == (429, "ThrottlingException")
        for each in hosting.launcher.running():
            each.gate.set()
        assert sorted(each.result() for each in waiting) == [b"0", b"1"]


def test_provisioned_containers_stay_and_are_replaced() -> None:
    with LocalHosting(ping_seconds=0.05) as hosting:
        serve(hosting, ProvisionedConcurrency=2)
        first = hosting.launcher.running()
        assert len(first) == 2
        for each in first:
            each.alive = False
        assert invoke(hosting) == b"x"
        eventually(lambda: len([each for each in hosting.launcher.running() if each.alive]) == 2)
        wanted = [{"VariantName": "main", "ServerlessUpdateConfig": {"MaxConcurrency": 3, "ProvisionedConcurrency": 1}}]
        hosting.sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=wanted)
        (variant,) = hosting.settled("e")["ProductionVariants"]
        assert variant["CurrentServerlessConfig"] == {**SMALL, "MaxConcurrency": 3, "ProvisionedConcurrency": 1}
        eventually(lambda: len([each for each in hosting.launcher.running() if each.alive]) == 1)


def test_a_request_and_an_answer_have_four_megabytes_at_most(hosting: LocalHosting) -> None:
    hosting.launcher.responses["model:twice"] = lambda body, headers: ContainerAnswer(200, body + body)
    serve(hosting, "model:twice")
    assert refused(hosting, b"x" * (LARGEST_PAYLOAD + 1)) == (413, "RequestEntityTooLarge")
    assert len(invoke(hosting, b"x" * (LARGEST_PAYLOAD // 2))) == LARGEST_PAYLOAD
    assert refused(hosting, b"x" * (LARGEST_PAYLOAD // 2 + 1)) == (424, "ModelError")


def test_a_container_that_takes_too_long_is_not_ready_and_serves_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalHosting(invocation_timeout=0.1) as hosting:
        serve(hosting)
        eventually(lambda: not hosting.launcher.running())
        awake = threading.Event()

        async def ping(instance: FakeInstance) -> bool:
            return awake.is_set()

        monkeypatch.setattr(FakeInstance, "ping", ping)
        hosting.ask("POST", "rules", {"serverless_idle_seconds": 36000})
        assert refused(hosting) == (429, "ModelNotReadyException")
        awake.set()
        eventually(lambda: not refusal_of(hosting))
        assert len(hosting.launcher.running()) == 1


def refusal_of(hosting: LocalHosting) -> str:
    try:
        invoke(hosting)
    except ClientError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("image", ["model:lost", "model:crash", "model:deaf"])
def test_a_model_that_cannot_run_fails_the_endpoint(hosting: LocalHosting, image: str) -> None:
    assert serve(hosting, image)["EndpointStatus"] == "Failed"
    assert not hosting.launcher.running()


def test_nothing_runs_after_the_endpoint_is_deleted(hosting: LocalHosting) -> None:
    serve(hosting, ProvisionedConcurrency=1)
    hosting.sagemaker.delete_endpoint(EndpointName="e")
    eventually(lambda: not hosting.launcher.running())


def test_streams_come_from_serverless_variants_too(hosting: LocalHosting) -> None:
    serve(hosting)
    for _ in range(2):
        answer = hosting.runtime.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"x")
        assert b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"]) == b"x"
    eventually(lambda: not hosting.launcher.running())


@pytest.mark.parametrize(
    ("variants", "more", "text"),
    [
        ([serverless(MemorySizeInMB=1500)], {}, "MemorySizeInMB must be a multiple of 1024; it is 1500."),
        (
            [serverless(ProvisionedConcurrency=3)],
            {},
            r"ProvisionedConcurrency \(3\) must not exceed MaxConcurrency \(2\)",
        ),
        ([{**serverless(), "InstanceType": "ml.m5.large"}], {}, "InstanceType cannot be given with ServerlessConfig"),
        ([serverless(), production_variant("m", VariantName="b")], {}, "one production variant only"),
        ([serverless()], {"DataCaptureConfig": {}}, "DataCaptureConfig cannot be used with serverless endpoints"),
        (
            [serverless()],
            {"ShadowProductionVariants": [production_variant("m", VariantName="dark")]},
            "ShadowProductionVariants cannot be used with serverless endpoints",
        ),
    ],
)
def test_a_config_that_serverless_excludes_is_refused(variants: list[Any], more: dict[str, Any], text: str) -> None:
    state = State()
    create_model(state, {"ModelName": "m", "PrimaryContainer": {"Image": "i"}})
    with pytest.raises(ServiceError, match=text):
        create_config(state, {"EndpointConfigName": "c", "ProductionVariants": variants, **more})


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ({"PrimaryContainer": {}, "VpcConfig": {}}, "a VpcConfig"),
        ({"PrimaryContainer": {}, "EnableNetworkIsolation": True}, "network isolation"),
        ({"Containers": [{}, {}]}, "several containers"),
        ({"PrimaryContainer": {"Mode": "MultiModel"}}, "MultiModel mode"),
        ({"PrimaryContainer": {"ModelDataSource": {}}}, "a ModelDataSource"),
    ],
)
def test_a_model_that_serverless_excludes_is_refused(definition: dict[str, Any], text: str) -> None:
    config = {"ProductionVariants": [serverless()]}
    with pytest.raises(ServiceError, match=f"has {text}: serverless endpoints do not support that"):
        check_serverless_models(config, [Model("m", "arn", 0.0, definition)])
    check_serverless_models({"ProductionVariants": [production_variant("m")]}, [Model("m", "arn", 0.0, definition)])


def test_marketplace_containers_are_not_serverless() -> None:
    bought = Model("m", "arn", 0.0, {"PrimaryContainer": {}}, marketplace=True)
    with pytest.raises(ServiceError, match="a Marketplace container"):
        check_serverless_models({"ProductionVariants": [serverless()]}, [bought])


def house(**rules: Any) -> House:
    """An endpoint in service with instances, and a configuration `less` without."""
    made = House(rules=Rules(**rules)).live()
    create_config(made.state, {"EndpointConfigName": "less", "ProductionVariants": [serverless()]})
    create_config(made.state, {"EndpointConfigName": "lesser", "ProductionVariants": [serverless()]})
    return made


def converted(**rules: Any) -> House:
    """The same, serverless from the beginning."""
    made = house(**rules)
    endpoint = made.endpoint
    endpoint.fleet = None
    made.update(config="less")
    made.up()
    assert made.go() == "InService"
    return made


def test_instances_do_not_become_serverless_but_serverless_becomes_instances() -> None:
    with pytest.raises(ServiceError, match="cannot be updated to a serverless endpoint"):
        house().update(config="less")
    made = converted()
    made.update(all_at_once(300), config="one")
    made.up()
    assert made.go() == "InService", "without a bake: guardrails leave serverless out"
    assert describe(made.endpoint)["ProductionVariants"][0]["CurrentInstanceCount"] == 4


def test_a_serverless_endpoint_has_no_guardrails() -> None:
    made = converted()
    with pytest.raises(ServiceError, match="DeploymentConfig cannot be used with serverless endpoints"):
        made.update(all_at_once(300, "guard"), config="lesser")
    lenient = converted(serverless_deployment_config_ignored=True)
    lenient.update(all_at_once(300, "guard"), config="lesser")
    lenient.up()
    assert lenient.go(("guard",)) == "InService"
    assert lenient.endpoint.config_name == "lesser"


@pytest.mark.parametrize(
    ("config", "change", "text"),
    [
        ("less", {"DesiredInstanceCount": 2}, "DesiredInstanceCount cannot be given for the serverless variant"),
        ("less", {"ServerlessUpdateConfig": {"ProvisionedConcurrency": 3}}, "must not exceed MaxConcurrency"),
        ("one", {"ServerlessUpdateConfig": {"MaxConcurrency": 3}}, "which is not serverless"),
    ],
)
def test_capacity_of_the_wrong_kind_is_refused(config: str, change: dict[str, Any], text: str) -> None:
    made = converted() if config == "less" else house()
    with pytest.raises(ServiceError, match=text):
        update_weights(
            made.state, {"EndpointName": "e", "DesiredWeightsAndCapacities": [{"VariantName": "main", **change}]}
        )


def test_a_change_of_concurrency_that_fails_is_undone() -> None:
    made = converted()
    wanted = [{"VariantName": "main", "ServerlessUpdateConfig": {"MaxConcurrency": 9}}]
    update_weights(made.state, {"EndpointName": "e", "DesiredWeightsAndCapacities": wanted})
    (seen,) = describe(made.endpoint)["ProductionVariants"]
    assert (seen["CurrentServerlessConfig"]["MaxConcurrency"], seen["DesiredServerlessConfig"]["MaxConcurrency"]) == (
        2,
        9,
    )
    made.fail("no", old=True)
    made.go()
    (seen,) = describe(made.endpoint)["ProductionVariants"]
    assert (seen["CurrentServerlessConfig"], made.endpoint.failure_reason) == (SMALL, "no")
    config = made.state.config("less").definition["ProductionVariants"][0]
    assert config["ServerlessConfig"] == SMALL, "the configuration itself never changes"

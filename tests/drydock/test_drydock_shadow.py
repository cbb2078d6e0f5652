"""Shadow variants: they run, they get copies, they are described and measured, and nobody hears their answers."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from engine_house import House
from hosting_support import LocalHosting, all_at_once, eventually, production_variant, rolling

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.definitions.variants import check_shadowed_models
from drydock.sagemaker.deployment.describe import describe
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.resources import Model
from drydock.sagemaker.operations.endpoints import update_weights
from drydock.sagemaker.runtime import mirroring


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting(invocation_timeout=2.0) as running:
        running.model("good")
        running.model("shadow", Image="model:shadow")
        yield running


def serve(hosting: LocalHosting, weight: float = 1.0, **config: Any) -> None:
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[production_variant("good")],
        ShadowProductionVariants=[production_variant("shadow", VariantName="dark", InitialVariantWeight=weight)],
        **config,
    )
    hosting.endpoint("e", "c")


def invoke(hosting: LocalHosting, times: int) -> list[Any]:
    return [hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"%d" % number) for number in range(times)]


def copies(hosting: LocalHosting) -> list[bytes]:
    return [body for instance in hosting.launcher.running("model:shadow") for body, _ in instance.seen]


def test_a_shadow_gets_every_request_and_nobody_gets_its_answer(hosting: LocalHosting) -> None:
    hosting.launcher.responses["model:shadow"] = lambda body, headers: ContainerAnswer(500, b"wrong")
    serve(hosting)
    answers = invoke(hosting, 5)
    assert [answer["Body"].read() for answer in answers] == [b"0", b"1", b"2", b"3", b"4"]
    assert {answer["InvokedProductionVariant"] for answer in answers} == {"main"}
    eventually(lambda: Counter(seen.dimensions[1] for seen in hosting.surroundings.metrics) == {"main": 40, "dark": 35})
    assert sorted(copies(hosting)) == [b"0", b"1", b"2", b"3", b"4"]
    errors = Counter({(seen.dimensions[1], seen.value) for seen in hosting.surroundings.metrics if "5XX" in seen.name})
    assert set(errors) == {("main", 0.0), ("dark", 1.0)}


def test_the_weights_say_how_many_are_copied(hosting: LocalHosting) -> None:
    serve(hosting, weight=0.25)
    invoke(hosting, 8)
    eventually(lambda: len(copies(hosting)) == 2)


def test_a_shadow_that_hangs_slows_nobody_and_ends_with_the_service(hosting: LocalHosting) -> None:
    hosting.model("slow", Image="model:slow")
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[production_variant("good")],
        ShadowProductionVariants=[production_variant("slow", VariantName="dark")],
    )
    hosting.endpoint("e", "c")
    began = time.monotonic()
    invoke(hosting, 5)
    assert time.monotonic() - began < 1.5, "less than the shadow takes for one"


def test_copies_are_bounded(hosting: LocalHosting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "MOST_UNDER_WAY", 2)
    hosting.model("slow", Image="model:slow")
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[production_variant("good")],
        ShadowProductionVariants=[production_variant("slow", VariantName="dark")],
    )
    hosting.endpoint("e", "c")
    invoke(hosting, 5)
    assert sum(len(instance.seen) for instance in hosting.launcher.running("model:slow")) == 2


def test_a_shadow_cannot_be_asked_for(hosting: LocalHosting) -> None:
    serve(hosting)
    with pytest.raises(hosting.runtime.exceptions.ClientError, match="Variant dark not found"):
        hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"", TargetVariant="dark")


def test_what_a_shadow_answers_is_captured_under_its_own_name(hosting: LocalHosting) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://captured/prefix",
        "CaptureOptions": [{"CaptureMode": "Output"}],
    }
    serve(hosting, DataCaptureConfig=capture)
    invoke(hosting, 1)
    eventually(lambda: len(hosting.surroundings.objects) == 2)
    assert {key.split("/")[5] for key in hosting.surroundings.objects} == {"main", "dark"}


def test_a_shadow_that_cannot_come_up_fails_the_endpoint(hosting: LocalHosting) -> None:
    hosting.model("lost", Image="model:lost")
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[production_variant("good")],
        ShadowProductionVariants=[production_variant("lost", VariantName="dark")],
    )
    assert hosting.endpoint("e", "c")["EndpointStatus"] == "Failed"


def test_shadows_are_described_apart_in_each_phase(hosting: LocalHosting) -> None:
    serve(hosting, weight=0.5)
    described = hosting.sagemaker.describe_endpoint(EndpointName="e")
    assert [each["VariantName"] for each in described["ProductionVariants"]] == ["main"]
    (shadow,) = described["ShadowProductionVariants"]
    assert (shadow["VariantName"], shadow["CurrentWeight"], shadow["CurrentInstanceCount"]) == ("dark", 0.5, 1)
    config = hosting.sagemaker.describe_endpoint_config(EndpointConfigName="c")
    assert config["ShadowProductionVariants"][0]["ModelName"] == "shadow"
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c", DeploymentConfig=all_at_once(3600))
    pending = hosting.wait("e", lambda seen: "PendingDeploymentSummary" in seen)["PendingDeploymentSummary"]
    assert [each["VariantName"] for each in pending["ShadowProductionVariants"]] == ["dark"]


def test_a_shadow_that_comes_with_an_update_keeps_the_guardrails() -> None:
    house = House().live()
    house.config("dark", "main", shadow="dark")
    house.update(all_at_once(300, "guard"), config="dark")
    house.up()
    assert house.go() == "baking"
    assert house.go(("guard",)) == "InService"
    assert describe(house.endpoint)["ShadowProductionVariants"] is None


def test_a_shadow_rolls_with_its_fleet() -> None:
    house = House().live()
    house.config("dark", "main", shadow="dark")
    house.update(rolling(2), config="dark")
    assert house.counts() == [(4, 4), (4, 0)], "two of the four of each variant"
    for _ in range(2):
        house.up()
        house.go()
        house.time += 6
        house.go()
    assert (house.status, house.endpoint.config_name) == ("InService", "dark")
    assert house.counts() == [(8, 8)]


def test_the_weight_of_a_shadow_may_be_changed() -> None:
    house = House()
    house.config("dark", "main", shadow="dark")
    house.live().update(config="dark")
    house.up()
    house.go()
    wanted = [{"VariantName": "dark", "DesiredWeight": 0.25}]
    update_weights(house.state, {"EndpointName": "e", "DesiredWeightsAndCapacities": wanted})
    assert house.go() == "InService"
    assert describe(house.endpoint)["ShadowProductionVariants"][0]["CurrentWeight"] == 0.25


@pytest.mark.parametrize(
    "model",
    [{"Containers": [{}, {}]}, {"PrimaryContainer": {"Mode": "MultiModel"}}, {"Containers": [{"Mode": "MultiModel"}]}],
)
def test_neither_several_containers_nor_several_models_have_shadows(model: dict[str, Any]) -> None:
    models = [Model("m", "arn", 0.0, definition) for definition in ({"PrimaryContainer": {}}, model)]
    with pytest.raises(ServiceError, match="multi-container or multi-model"):
        check_shadowed_models({"ShadowProductionVariants": [{}]}, models)
    check_shadowed_models({}, models)


def test_marketplace_containers_have_no_shadows() -> None:
    bought = Model("m", "arn", 0.0, {"PrimaryContainer": {}}, marketplace=True)
    with pytest.raises(ServiceError, match="Marketplace"):
        check_shadowed_models({"ShadowProductionVariants": [{}]}, [bought])

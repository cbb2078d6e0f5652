"""Multi-model endpoints: models come when a request names them, stay while there is room, and are counted."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import ROLE, LocalHosting, eventually, production_variant

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.fleets.multi_model import MOST_MODELS

PREFIX = "s3://artifacts/models/"


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting(invocation_timeout=0.2) as running:
        yield running


def serve(hosting: LocalHosting, instances: int = 1, image: str = "model:good", **container: Any) -> None:
    definition = {"Image": image, "ModelDataUrl": PREFIX, "Mode": "MultiModel", **container}
    hosting.sagemaker.create_model(ModelName="many", ExecutionRoleArn=ROLE, PrimaryContainer=definition)
    variants = [production_variant("many", instances)]
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="many", ProductionVariants=variants)
    hosting.endpoint("many", "many")
    hosting.surroundings.metrics.clear()


def ask(hosting: LocalHosting, model: str, body: bytes = b"x") -> bytes:
    answer = hosting.runtime.invoke_endpoint(EndpointName="many", Body=body, TargetModel=model)
    return bytes(answer["Body"].read())


def refused(hosting: LocalHosting, **request: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        hosting.runtime.invoke_endpoint(EndpointName="many", Body=b"x", **request)
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def loaded(hosting: LocalHosting) -> list[str]:
    return [instance.spec.model_data_url.removeprefix(PREFIX) for instance in hosting.launcher.running()]


def metrics(hosting: LocalHosting, name: str) -> list[float]:
    return [metric.value for metric in hosting.surroundings.metrics if metric.name == name]


def test_no_model_is_loaded_until_a_request_names_it(hosting: LocalHosting) -> None:
    serve(hosting)
    assert loaded(hosting) == []
    assert ask(hosting, "a.tar.gz", b"one") == b"one"
    assert ask(hosting, "team/b.tar.gz") == b"x"
    assert ask(hosting, "a.tar.gz") == b"x"
    assert loaded(hosting) == ["a.tar.gz", "team/b.tar.gz"]
    [(_, headers), _] = hosting.launcher.running()[0].seen
    assert headers["X-Amzn-SageMaker-Target-Model"] == "a.tar.gz"


def test_loading_is_counted_and_timed(hosting: LocalHosting) -> None:
    serve(hosting)
    for model in ("a", "a", "b"):
        ask(hosting, model)
    assert metrics(hosting, "ModelCacheHit") == [0.0, 1.0, 0.0]
    assert metrics(hosting, "LoadedModelCount") == [1.0, 1.0, 2.0]
    for name in ("ModelLoadingWaitTime", "ModelDownloadingTime", "ModelLoadingTime"):
        assert len(metrics(hosting, name)) == 2
        assert all(0 < value < 1e6 for value in metrics(hosting, name))
    assert metrics(hosting, "ModelUnloadingTime") == []
    assert {metric.dimensions for metric in hosting.surroundings.metrics} == {("many", "main")}


def test_the_model_that_was_not_used_for_longest_makes_room(hosting: LocalHosting) -> None:
    serve(hosting, Environment={MOST_MODELS: "2"})
    for model in ("a", "b", "a", "c"):
        ask(hosting, model)
    assert loaded(hosting) == ["a", "c"]
    assert len(metrics(hosting, "ModelUnloadingTime")) == 1
    ask(hosting, "b")
    assert metrics(hosting, "ModelCacheHit") == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_without_a_cache_a_model_goes_after_its_request(hosting: LocalHosting) -> None:
    serve(hosting, MultiModelConfig={"ModelCacheSetting": "Disabled"})
    for _ in range(2):
        assert ask(hosting, "a") == b"x"
        eventually(lambda: loaded(hosting) == [])
    assert metrics(hosting, "ModelCacheHit") == [0.0, 0.0]


def test_requests_for_a_model_stay_with_one_instance(hosting: LocalHosting) -> None:
    serve(hosting, instances=3)
    for _ in range(4):
        ask(hosting, "a")
    assert loaded(hosting) == ["a"]


def test_a_model_that_takes_too_long_is_not_ready_and_comes_in_the_meantime(hosting: LocalHosting) -> None:
    serve(hosting)
    hosting.launcher.slow.add(f"{PREFIX}a")
    status, code, _ = refused(hosting, TargetModel="a")
    assert (status, code) == (429, "ModelNotReadyException")
    with pytest.raises(hosting.runtime.exceptions.ModelNotReadyException):
        ask(hosting, "a")
    hosting.launcher.slow.clear()
    eventually(lambda: loaded(hosting) == ["a"])
    assert ask(hosting, "a") == b"x"


def test_a_model_that_is_not_there_is_a_validation_error_and_may_come_later(hosting: LocalHosting) -> None:
    serve(hosting)
    hosting.launcher.missing.add(f"{PREFIX}a")
    text = (
        "Failed to download model data(bucket: artifacts, key: models/a). Please ensure that there is an object "
        "located at the URL and that the role passed to CreateModel has permissions to download the model."
    )
    assert refused(hosting, TargetModel="a") == (400, "ValidationError", text)
    hosting.launcher.missing.clear()
    assert ask(hosting, "a") == b"x"


def test_a_request_must_name_a_model_here_and_may_not_elsewhere(hosting: LocalHosting) -> None:
    serve(hosting)
    status, code, message = refused(hosting)
    assert (status, code) == (400, "ValidationError")
    assert message.startswith("Request ") and message.endswith(" is missing a target model header.")


def test_a_model_that_cannot_be_loaded_answers_its_error_and_is_unloaded(hosting: LocalHosting) -> None:
    hosting.launcher.responses["model:deaf"] = lambda body, headers: ContainerAnswer(500, b"no model_fn")
    serve(hosting, image="model:deaf")
    status, code, message = refused(hosting, TargetModel="a")
    assert (status, code) == (424, "ModelError")
    assert 'from primary with message "no model_fn"' in message
    eventually(lambda: loaded(hosting) == [])


def test_a_model_whose_process_dies_is_loaded_anew(hosting: LocalHosting) -> None:
    serve(hosting)
    ask(hosting, "a")
    hosting.launcher.running()[0].alive = False
    assert ask(hosting, "a") == b"x"
    assert len(hosting.launcher.instances) == 2


def test_all_models_go_with_the_endpoint_even_those_on_their_way(hosting: LocalHosting) -> None:
    serve(hosting)
    ask(hosting, "a")
    hosting.launcher.slow.add(f"{PREFIX}b")
    refused(hosting, TargetModel="b")
    hosting.sagemaker.delete_endpoint(EndpointName="many")
    eventually(lambda: not hosting.launcher.running())
    hosting.launcher.slow.clear()
    eventually(lambda: not hosting.sagemaker.list_endpoints()["Endpoints"])
    assert loaded(hosting) == []


def test_a_multi_model_container_needs_an_address(hosting: LocalHosting) -> None:
    with pytest.raises(ClientError, match="ModelDataUrl is required for a container whose Mode is MultiModel"):
        hosting.sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "i", "Mode": "MultiModel"})

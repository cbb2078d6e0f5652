"""State that survives a restart, where that was asked for."""

import json
from pathlib import Path

import pytest
from hosting_support import LocalHosting, all_at_once, production_variant
from ministack_kit import eventually

from drydock.sagemaker.memory.file import Memory
from drydock.sagemaker.memory.remembering import ForeignMemoryError
from drydock.sagemaker.memory.state import State


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "state.json"


def test_an_endpoint_serves_again_after_a_restart(file: Path) -> None:
    with LocalHosting(memory=file) as first:
        first.config("One", instances=2)
        before = first.endpoint("Churn", "One")
        first.sagemaker.add_tags(ResourceArn=before["EndpointArn"], Tags=[{"Key": "a", "Value": "1"}])
    with LocalHosting(memory=file) as second:
        after = second.sagemaker.describe_endpoint(EndpointName="Churn")
        assert {**after, "ResponseMetadata": 0} == {**before, "ResponseMetadata": 0}
        fleet = second.service.state.endpoints["churn"].fleet
        eventually(lambda: bool(fleet and fleet.ready) and len(second.launcher.running()) == 2)
        assert second.runtime.invoke_endpoint(EndpointName="Churn", Body=b"x")["Body"].read() == b"x"
        assert second.sagemaker.list_tags(ResourceArn=after["EndpointArn"])["Tags"] == [{"Key": "a", "Value": "1"}]
        second.config("Two", image="model:new")
        second.sagemaker.update_endpoint(EndpointName="Churn", EndpointConfigName="Two")
        assert second.settled("Churn")["EndpointConfigName"] == "Two"
        eventually(lambda: not second.launcher.running("model:good"))


def test_a_deployment_under_way_is_carried_through_by_the_next_life(file: Path) -> None:
    policy = all_at_once(3600, "guard")  # six seconds here: time enough to end the first life in it
    with LocalHosting(memory=file) as first:
        for name in ("one", "two"):
            first.config(name)
        first.endpoint("churn", "one")
        first.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="two", DeploymentConfig=policy)
        first.wait("churn", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
    with LocalHosting(memory=file) as second:
        assert second.sagemaker.describe_endpoint(EndpointName="churn")["EndpointStatus"] == "Updating"
        second.wait("churn", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
        second.skip(3600)
        settled = second.settled("churn")
        assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("InService", "two")
        assert settled["LastDeploymentConfig"] == policy


def test_the_registry_is_kept_and_versions_go_on(file: Path) -> None:
    inference = {"Containers": [{"Image": "i"}], "SupportedContentTypes": [], "SupportedResponseMIMETypes": []}
    for expected in ("churn/1", "churn/2"):
        with LocalHosting(memory=file) as hosting:
            if expected == "churn/1":
                hosting.sagemaker.create_model_package_group(ModelPackageGroupName="churn")
            made = hosting.sagemaker.create_model_package(
                ModelPackageGroupName="churn", InferenceSpecification=inference
            )
            assert made["ModelPackageArn"].endswith(f":model-package/{expected}")


def test_asynchronous_requests_are_worked_off_by_the_next_life(file: Path) -> None:
    with LocalHosting(memory=file) as first:
        first.model("m", Image="model:slow")
        one = {"MaxConcurrentInvocationsPerInstance": 1}
        output = {"OutputConfig": {"S3OutputPath": "s3://out"}, "ClientConfig": one}
        first.sagemaker.create_endpoint_config(
            EndpointConfigName="c", ProductionVariants=[production_variant("m")], AsyncInferenceConfig=output
        )
        first.endpoint("later", "c")
        under_way, waiting = (
            first.runtime.invoke_endpoint_async(EndpointName="later", Body=body)["OutputLocation"]
            for body in (b"\xff1", b"2")
        )
        eventually(lambda: len(first.launcher.running()[0].seen) == 1)
    with LocalHosting(memory=file) as second:
        eventually(lambda: bool(second.launcher.running()))
        second.launcher.running()[0].gate.set()
        eventually(lambda: {under_way, waiting} <= second.surroundings.objects.keys())
        assert [second.surroundings.objects[each] for each in (under_way, waiting)] == [b"\xff1", b"2"]


def test_what_else_is_to_be_kept_is_kept(file: Path) -> None:
    class Shelf:
        def __init__(self, holds: str) -> None:
            self.holds = holds

        def document(self) -> str:
            return self.holds

        def restore(self, document: str) -> None:
            self.holds = document

    shelves = [Shelf("full"), Shelf("empty")]
    for shelf in shelves:
        hosting = LocalHosting(memory=file)
        hosting.service.remember("shelf", shelf)
        with hosting:
            assert shelf.holds == "full"


def test_what_was_written_is_there_although_the_service_never_closed(file: Path) -> None:
    with LocalHosting(memory=file) as hosting:
        hosting.model("one")
        eventually(lambda: file.exists() and "one" in json.loads(file.read_bytes()).get("models", {}))


def test_a_service_that_was_not_asked_forgets() -> None:
    with LocalHosting() as first:
        first.model("one")
    with LocalHosting() as second:
        assert not second.sagemaker.list_models()["Models"]


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 0}', '{"schema": 1, "account": "1", "region": "r"}'])
def test_a_file_of_something_else_is_refused(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(ForeignMemoryError):
        Memory(file, State()).recall()

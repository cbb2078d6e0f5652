"""State that survives a restart, where that was asked for."""

import json
from pathlib import Path

import pytest
from hosting_support import LocalHosting, all_at_once
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
    policy = all_at_once(600, "guard")
    with LocalHosting(memory=file) as first:
        for name in ("one", "two"):
            first.config(name)
        first.endpoint("churn", "one")
        first.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="two", DeploymentConfig=policy)
        first.wait("churn", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
    with LocalHosting(memory=file) as second:
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

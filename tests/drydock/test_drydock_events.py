"""The events that SageMaker would put on EventBridge."""

from collections.abc import Iterator
from typing import Any

import pytest
from hosting_support import DATA, LocalHosting, all_at_once

from drydock.sagemaker.deployment.events import upper_snake
from drydock.sagemaker.memory.statuses import Status

ENDPOINT = "SageMaker Endpoint State Change"
DEPLOYMENT = "SageMaker Endpoint Deployment State Change"


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.config("one")
        running.config("two")
        yield running


def statuses(hosting: LocalHosting) -> list[tuple[str, str]]:
    return [(item["EndpointStatus"], item["EndpointConfigName"]) for item in hosting.surroundings.details(ENDPOINT)]


def test_the_life_of_an_endpoint_is_told_in_order(hosting: LocalHosting) -> None:
    hosting.endpoint("Churn", "one")
    hosting.sagemaker.update_endpoint(EndpointName="Churn", EndpointConfigName="two")
    hosting.settled("Churn")
    hosting.sagemaker.delete_endpoint(EndpointName="Churn")
    assert statuses(hosting) == [
        ("CREATING", "one"),
        ("IN_SERVICE", "one"),
        ("UPDATING", "one"),
        ("IN_SERVICE", "two"),
        ("DELETING", "two"),
    ]
    _, resources, detail = next(event for event in hosting.surroundings.events if event[0] == ENDPOINT)
    assert resources == [detail["EndpointArn"]] == ["arn:aws:sagemaker:us-east-1:000000000000:endpoint/churn"]
    assert detail["EndpointName"] == "Churn"
    assert detail["FailureReason"] is None


def test_times_are_milliseconds_and_tags_a_map(hosting: LocalHosting) -> None:
    hosting.sagemaker.create_endpoint(
        EndpointName="churn", EndpointConfigName="one", Tags=[{"Key": "release", "Value": "3f2a9c"}]
    )
    described = hosting.settled("churn")
    detail = hosting.surroundings.details(ENDPOINT)[-1]
    assert detail["CreationTime"] == pytest.approx(described["CreationTime"].timestamp() * 1000, abs=1.5)
    assert isinstance(detail["LastModifiedTime"], int)
    assert detail["Tags"] == {"release": "3f2a9c"}


def test_a_deployment_is_told_phase_by_phase(hosting: LocalHosting) -> None:
    hosting.endpoint("churn", "one")
    hosting.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="two", DeploymentConfig=all_at_once(60))
    hosting.settled("churn")
    details = hosting.surroundings.details(DEPLOYMENT)
    assert {(item["EndpointStatus"], item["EndpointConfigName"]) for item in details} == {("UPDATING", "one")}
    pending = [item["PendingDeploymentSummary"] for item in details]
    assert {item["EndpointConfigName"] for item in pending} == {"two"}
    assert [_phase(item) for item in pending] == ["Creating", "ActivatingTraffic", "Baking", None]
    assert details[-1]["ProductionVariants"][0]["VariantStatus"][0]["StatusMessage"] == "Terminating 1 instance(s)."
    assert all(isinstance(item["StartTime"], int) for item in pending)


def test_a_change_of_capacity_is_told_without_a_pending_summary(hosting: LocalHosting) -> None:
    hosting.endpoint("churn", "one")
    hosting.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="churn", DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 2}]
    )
    hosting.settled("churn")
    (detail,) = hosting.surroundings.details(DEPLOYMENT)
    assert "PendingDeploymentSummary" not in detail


def test_a_failure_is_told_with_its_reason(hosting: LocalHosting) -> None:
    hosting.config("bad", image="model:lost")
    hosting.endpoint("churn", "bad")
    detail = hosting.surroundings.details(ENDPOINT)[-1]
    assert detail["EndpointStatus"] == "FAILED"
    assert DATA in detail["FailureReason"]


def test_models_and_configs_are_told_at_create_and_delete(hosting: LocalHosting) -> None:
    hosting.surroundings.events.clear()
    hosting.config("three")
    hosting.sagemaker.delete_endpoint_config(EndpointConfigName="three")
    hosting.sagemaker.delete_model(ModelName="three")
    kinds = [kind for kind, _, _ in hosting.surroundings.events]
    model, config = "SageMaker Model State Change", "SageMaker Endpoint Config State Change"
    assert kinds == [model, config, config, model]
    detail = hosting.surroundings.details(model)[0]
    assert (detail["ModelName"], detail["PrimaryContainer"]["ModelDataUrl"]) == ("three", DATA)
    assert hosting.surroundings.details(config)[0]["ProductionVariants"][0]["ModelName"] == "three"


@pytest.mark.parametrize("status", list(Status))
def test_statuses_are_written_in_upper_snake(status: Status) -> None:
    written = upper_snake(status)
    assert written.replace("_", "").lower() == status.lower()
    assert upper_snake(Status.UPDATE_ROLLBACK_FAILED) == "UPDATE_ROLLBACK_FAILED"


def _phase(pending: dict[str, Any]) -> str | None:
    status = pending["ProductionVariants"][0].get("VariantStatus")
    return str(status[0]["Status"]) if status else None

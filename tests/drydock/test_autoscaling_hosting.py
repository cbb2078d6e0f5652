"""What the hosting service does for Application Auto Scaling, and refuses because of it."""

import asyncio
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting

from drydock.autoscaling.hosted import HostedFleets
from drydock.autoscaling.surroundings import VariantSight
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.operations.permissions import needed
from drydock.sagemaker.place import Place

TARGET = "arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/1"


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.config("blue", instances=2)
        running.endpoint("churn", "blue")
        yield running


def rescale(hosting: LocalHosting, count: int) -> None:
    moving = HostedFleets(hosting.service).rescale("churn", "main", count)
    asyncio.run_coroutine_threadsafe(moving, hosting.loop).result(5)


def test_a_variant_is_seen_and_rescaled(hosting: LocalHosting) -> None:
    fleets = HostedFleets(hosting.service)
    assert fleets.look("Churn", "main") == VariantSight(2, True, "ml.m5.large")
    assert fleets.look("churn", "other") is None
    rescale(hosting, 3)
    hosting.settled("churn")
    assert fleets.look("churn", "main") == VariantSight(3, True, "ml.m5.large")
    assert len(hosting.launcher.running()) == 3
    hosting.sagemaker.delete_endpoint(EndpointName="churn")
    assert fleets.look("churn", "main") is None


def test_provisioned_concurrency_is_seen_and_changed(hosting: LocalHosting) -> None:
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 8, "ProvisionedConcurrency": 2}
    variant = {"VariantName": "main", "ModelName": "blue", "ServerlessConfig": serverless}
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="none", ProductionVariants=[variant])
    hosting.endpoint("calm", "none")
    fleets = HostedFleets(hosting.service)
    assert fleets.look("calm", "main") == VariantSight(2, True, "")
    moving = fleets.rescale("calm", "main", 4)
    asyncio.run_coroutine_threadsafe(moving, hosting.loop).result(5)
    hosting.settled("calm")
    assert fleets.look("calm", "main") == VariantSight(4, True, "")


def test_rescaling_is_refused_while_an_update_runs_and_where_a_fault_is_planned(hosting: LocalHosting) -> None:
    hosting.fault("throttle", operation="UpdateEndpointWeightsAndCapacities")
    with pytest.raises(ServiceError, match="Rate exceeded"):
        rescale(hosting, 3)
    hosting.config("deaf", "model:deaf")
    hosting.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="deaf")
    with pytest.raises(ServiceError, match="Cannot update in-progress endpoint"):
        rescale(hosting, 3)


def test_an_update_may_not_drop_a_scaled_variant_or_change_its_instances(hosting: LocalHosting) -> None:
    hosting.config("larger", InstanceType="ml.m5.xlarge")
    hosting.config("renamed", VariantName="other")
    HostedFleets(hosting.service).mark({("churn", "main"): TARGET})
    for config, what in (("larger", "change the instance type of"), ("renamed", "remove")):
        with pytest.raises(ClientError, match=f"The update would {what} variant"):
            hosting.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName=config)
    HostedFleets(hosting.service).mark({})
    hosting.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="larger")


def test_who_deletes_a_scaled_endpoint_must_be_allowed_to_deregister_its_target() -> None:
    wanted = list(needed("DeleteEndpoint", {"EndpointName": "churn"}, Place(), [TARGET]))
    assert [(permission.action, permission.resource) for permission in wanted][1:] == [
        ("application-autoscaling:DeregisterScalableTarget", TARGET)
    ]

"""What a model and its configuration say about how containers are started."""

import asyncio
from collections.abc import Iterator

import pytest
from hosting_support import CONTAINER, ROLE, LocalHosting, production_variant

from drydock.sagemaker.surroundings import ContainerSpec, Instance


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        yield running


@pytest.mark.parametrize("isolated", [True, False])
def test_network_isolation_of_the_model_reaches_its_containers(hosting: LocalHosting, isolated: bool) -> None:
    hosting.sagemaker.create_model(
        ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=CONTAINER, EnableNetworkIsolation=isolated
    )
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[production_variant("m")])
    assert hosting.endpoint("e", "c")["EndpointStatus"] == "InService"
    assert [each.spec.isolated for each in hosting.launcher.running()] == [isolated]


def test_a_download_that_takes_longer_than_the_configuration_allows_fails_the_endpoint(
    hosting: LocalHosting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(spec: ContainerSpec) -> Instance:
        await asyncio.Event().wait()
        raise AssertionError

    hosting.config("slow", ModelDataDownloadTimeoutInSeconds=60)
    monkeypatch.setattr(hosting.launcher, "launch", never)
    described = hosting.endpoint("e", "slow")
    assert described["EndpointStatus"] == "Failed"
    assert described["FailureReason"] == (
        'The model data for container "primary" could not be downloaded and extracted from URL '
        '"s3://artifacts/model.tar.gz" within ModelDataDownloadTimeoutInSeconds.'
    )


def test_the_metrics_config_is_described_with_the_endpoint(hosting: LocalHosting) -> None:
    hosting.model("m")
    metrics = {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 60}
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[production_variant("m")], MetricsConfig=metrics
    )
    assert hosting.endpoint("e", "c")["MetricsConfig"] == metrics

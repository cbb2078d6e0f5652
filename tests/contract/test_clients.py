"""The clients that the adapters get in a deployed function."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from slipway.aws import clients
from tests.fakes.canned import canned


def test_a_client_is_made_once() -> None:
    assert clients.client("s3") is clients.client("s3")
    assert clients.brief_client("sns") is clients.brief_client("sns")
    assert clients.runtime_client() is clients.runtime_client()


@pytest.mark.parametrize("service", ["s3", "dynamodb", "stepfunctions", "cloudwatch"])
def test_every_client_names_slipway_and_retries_as_the_standard_does(service: str) -> None:
    config: Any = clients.client(service).meta.config
    assert "slipway" in config.user_agent
    assert (config.retries["mode"], config.retries["total_max_attempts"]) == ("standard", clients.ATTEMPTS)
    assert config.connect_timeout == 5


@pytest.mark.parametrize("service", ["sns", "events"])
def test_who_cannot_be_told_holds_nobody_up(service: str) -> None:
    config: Any = clients.brief_client(service).meta.config
    attempts = config.retries["total_max_attempts"]
    assert attempts * (config.connect_timeout + config.read_timeout) <= 12


def test_an_invocation_is_sent_once_and_waits_longer_than_any_model_may_take() -> None:
    client = clients.runtime_client()
    assert (client.meta.config.read_timeout, client.meta.config.connect_timeout) == (70, 5)
    with canned(client) as aws, pytest.raises(ClientError, match="ThrottlingException"):
        aws.say(429, {"Message": "slow down"}, {"x-amzn-ErrorType": "ThrottlingException"})
        client.invoke_endpoint(EndpointName="churn", Body=b"")
    assert len(aws.requests) == 1


def test_a_copy_of_5_gigabytes_is_waited_for() -> None:
    assert clients.client("s3").meta.config.read_timeout >= 300

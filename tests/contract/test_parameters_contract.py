"""Parameters: what the fake and SSM (by MiniStack) both keep to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import boto3
import pytest
from botocore.exceptions import ClientError

from slipway.administration import Parameters
from slipway.aws.parameters import KEPT, SsmParameters
from slipway.errors import UnavailableError, UnreadableError
from tests.fakes.clock import FakeClock
from tests.fakes.parameters import FakeParameters


@dataclass
class Side:
    """One of the two, with what a test does to it."""

    port: Parameters
    write: Callable[[str, str], object]


@pytest.fixture(params=["fake", "aws"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    if request.param == "fake":
        fake = FakeParameters()
        yield Side(fake, fake.write)
        return
    url = request.getfixturevalue("drydock_endpoint_url")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("ssm", endpoint_url=url, **keys)
    clock = FakeClock()

    def write(name: str, text: str) -> None:
        client.put_parameter(Name=name, Value=text, Type="String", Overwrite=True)
        clock.advance(KEPT.total_seconds())

    yield Side(SsmParameters(client, clock), write)


def test_the_latest_version_is_read(side: Side) -> None:
    side.write("/slipway/contract", "one")
    first = side.port.read("/slipway/contract")
    side.write("/slipway/contract", "two")
    second = side.port.read("/slipway/contract")
    assert (first.text, second.text) == ("one", "two")
    assert second.version == first.version + 1


def test_a_parameter_that_is_not_there_is_told_by_the_name_of_the_error(side: Side) -> None:
    with pytest.raises(UnreadableError, match="ParameterNotFound"):
        side.port.read("/slipway/nowhere")


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("InternalServerError", 500)])
def test_a_store_that_gives_no_answer_for_now_does_not_say_no(code: str, status: int) -> None:
    client = boto3.client("ssm", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    said = {"Error": {"Code": code, "Message": "not now"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    client.meta.events.register("before-call.ssm.GetParameter", refusing(ClientError(said, "GetParameter")))  # type: ignore[arg-type]
    with pytest.raises(UnavailableError, match="not now"):
        SsmParameters(client, FakeClock()).read("/slipway/contract")


def refusing(error: ClientError) -> Callable[..., None]:
    def refuse(**_told: object) -> None:
        raise error

    return refuse

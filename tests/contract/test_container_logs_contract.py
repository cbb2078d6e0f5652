"""What containers wrote: what the fake, and CloudWatch Logs of the local cloud, both keep to."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from slipway.aws.container_logs import CloudWatchContainerLogs
from slipway.exchanges import Invocation
from slipway.judging.smoke_logs import log_group, log_stream, telling
from slipway.ports import ContainerLogs
from tests.contract.hosting_sides import REGION, drydock_side
from tests.fakes.canned import canned
from tests.fakes.container_logs import FakeContainerLogs
from tests.fakes.tools import archive

FAILING = """
def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    raise KeyError("the column rows is missing")
"""
GROUP = "/aws/sagemaker/Endpoints/read-by-the-contract"
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Written:
    """One implementation, and somebody who writes."""

    logs: ContainerLogs
    write: Callable[[str, datetime, str], None]
    """Write a line to a stream."""


def cloudwatch(url: str) -> Any:
    once = Config(retries={"total_max_attempts": 1})
    return boto3.Session().client("logs", region_name=REGION, endpoint_url=url, config=once)


@pytest.fixture(params=["fake", "ministack"])
def written(request: pytest.FixtureRequest) -> Written:
    if request.param == "fake":
        fake = FakeContainerLogs()
        return Written(fake, lambda stream, at, line: fake.write(GROUP, at, line, stream))
    client = cloudwatch(request.getfixturevalue("drydock_endpoint_url"))

    def write(stream: str, at: datetime, line: str) -> None:
        names = {"logGroupName": GROUP, "logStreamName": stream}
        event = {"timestamp": int(at.timestamp() * 1000), "message": line}
        client.put_log_events(**names, logEvents=[event])

    client.create_log_group(logGroupName=GROUP)
    request.addfinalizer(lambda: client.delete_log_group(logGroupName=GROUP))
    for stream in ("main/i-1", "main/i-2"):
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    return Written(CloudWatchContainerLogs(client), write)


def test_lines_are_those_of_the_time_that_is_asked_for_and_of_the_stream_if_one_is_named(written: Written) -> None:
    written.write("main/i-1", NOW - timedelta(seconds=9), "before")
    written.write("main/i-1", NOW, "first")
    written.write("main/i-2", NOW + timedelta(seconds=1), "second")
    written.write("main/i-2", NOW + timedelta(seconds=9), "after")
    span = (NOW - timedelta(seconds=1), NOW + timedelta(seconds=2))
    assert written.logs.lines(GROUP, *span) == ["first", "second"]
    assert written.logs.lines(GROUP, *span, "main/i-2") == ["second"]


def test_a_group_that_is_not_there_has_no_lines(written: Written) -> None:
    assert written.logs.lines(f"{GROUP}-not", NOW, NOW + timedelta(seconds=1)) == []


def test_logs_that_nobody_may_read_or_reach_have_no_lines() -> None:
    client = cloudwatch("http://127.0.0.1:9")
    with canned(client) as aws:
        aws.refuse("AccessDeniedException", "not allowed")
        assert CloudWatchContainerLogs(client).lines(GROUP, NOW, NOW) == []
        aws.break_with(EndpointConnectionError(endpoint_url="http://127.0.0.1:9"))
        assert CloudWatchContainerLogs(client).lines(GROUP, NOW, NOW) == []


def test_an_empty_page_with_a_token_is_read_on_but_not_for_ever() -> None:
    client = cloudwatch("http://127.0.0.1:9")
    with canned(client) as aws:
        aws.say(200, {"events": [], "nextToken": "t"})
        aws.say(200, {"events": [{"message": "late"}], "nextToken": "t"})
        assert CloudWatchContainerLogs(client).lines(GROUP, NOW, NOW) == ["late"] * 2
        assert len(aws.requests) == 3


def test_what_a_model_wrote_before_it_failed_is_found_by_what_the_error_names(drydock_endpoint_url: str) -> None:
    side = drydock_side("writes-and-fails", drydock_endpoint_url)
    s3: Any = boto3.Session().client("s3", region_name=REGION, endpoint_url=drydock_endpoint_url)
    s3.put_object(Bucket=side.name, Key="good.tar.gz", Body=archive(code__inference_py=FAILING))
    side.serve()
    logs = CloudWatchContainerLogs(cloudwatch(drydock_endpoint_url))
    began = datetime.now(UTC) - timedelta(seconds=1)
    reply = side.hosting.invoke(Invocation(side.name, b"1", "application/json", "application/json"))
    assert reply.error == "ModelError"
    assert f"log-group:{log_group(side.name)}" in reply.log_stream
    found = list[str]()
    deadline = time.monotonic() + 10
    while "KeyError" not in "".join(found) and time.monotonic() < deadline:
        until = datetime.now(UTC) + timedelta(seconds=1)
        found = logs.lines(log_group(side.name), began, until, log_stream(reply.log_stream))
    assert "KeyError: 'the column rows is missing'" in telling(found)[-1]

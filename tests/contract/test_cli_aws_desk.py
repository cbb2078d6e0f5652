"""The doors to AWS that only the command uses, on moto."""

import getpass
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from slipway_cli.aws_desk import AwsDesk, CloudWatchLogs, S3Bucket
from slipway_cli.desk import LogLine
from slipway_cli.errors import CommandError
from tests.fakes.canned import canned

GROUP = "/aws/lambda/slipway-dev-create-model"


@pytest.fixture
def moto() -> Iterator[None]:
    with mock_aws():
        yield


def test_an_upload_gives_the_version_that_it_became(moto: None, tmp_path: Path) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="the-bucket")
    s3.put_bucket_versioning(Bucket="the-bucket", VersioningConfiguration={"Status": "Enabled"})
    model = tmp_path / "model.tar.gz"
    model.write_bytes(b"bytes")
    bucket = S3Bucket(s3, "the-bucket")
    first, second = bucket.put(model, "models/churn/7/model.tar.gz"), bucket.put(model, "models/churn/7/model.tar.gz")
    assert first.uri == "s3://the-bucket/models/churn/7/model.tar.gz"
    assert first.version not in ("", second.version)


def test_an_upload_says_who_asks_for_the_release(moto: None, tmp_path: Path) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="the-bucket")
    model = tmp_path / "model.tar.gz"
    model.write_bytes(b"bytes")
    S3Bucket(s3, "the-bucket").put(model, "models/churn/7/model.tar.gz", "arn:aws:iam::111122223333:user/alice")
    said = s3.head_object(Bucket="the-bucket", Key="models/churn/7/model.tar.gz")
    assert said["Metadata"] == {"slipway-requested-by": "arn:aws:iam::111122223333:user/alice"}


def test_who_is_at_the_desk_is_known_from_sts_and_locally_from_the_machine(moto: None) -> None:
    assert AwsDesk(boto3.Session(), None, "slipway", "test", 1).caller.startswith("arn:aws:sts::123456789012:")
    assert AwsDesk(boto3.Session(), "http://127.0.0.1:1", "slipway", "test", 1).caller == getpass.getuser()


def test_a_request_gives_the_id_of_its_event(moto: None) -> None:
    assert AwsDesk(boto3.Session(), None, "slipway", "test", 1).request({"kind": "recover"})


def test_a_request_that_eventbridge_refuses_is_told() -> None:
    desk = AwsDesk(boto3.Session(), None, "slipway", "test", 1)
    with canned(desk.client("events")) as refusing, pytest.raises(CommandError, match="no such bus"):
        refusing.say(200, {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "E", "ErrorMessage": "no such bus"}]})
        desk.request({"kind": "recover"})


def test_lines_are_asked_for_by_time_and_text_and_held_to_the_text() -> None:
    client = boto3.client("logs")
    told = [(1_700_000_001_000, "about r1\n"), (1_700_000_002_000, "about r2, by a filter that knows no patterns")]
    with canned(client) as cloudwatch:
        cloudwatch.say(200, {"events": [{"timestamp": at, "message": text} for at, text in told]})
        lines = list(CloudWatchLogs(client, None, "slipway").lines(GROUP, 1_700_000_000.5, 1_700_000_009, "r1"))
        asked = json.loads(cloudwatch.requests[0].body)
    assert lines == [LogLine(1_700_000_001, "about r1")]
    assert (asked["logGroupName"], asked["filterPattern"]) == (GROUP, '"r1"')
    assert (asked["startTime"], asked["endTime"]) == (1_700_000_000_500, 1_700_000_009_000)


def test_a_group_that_is_not_there_has_no_lines() -> None:
    client = boto3.client("logs")
    with canned(client) as cloudwatch:
        cloudwatch.refuse("ResourceNotFoundException", "The specified log group does not exist.")
        assert list(CloudWatchLogs(client, None, "slipway").lines(GROUP, 0, None)) == []


def test_functions_are_named_without_the_stack() -> None:
    stacks = boto3.client("cloudformation")
    found = [GROUP, "/aws/vendedlogs/states/slipway-dev-release", "arn:of:a:table"]
    said = "".join(f"<member><PhysicalResourceId>{name}</PhysicalResourceId></member>" for name in found)
    answer = f"<R><ListStackResourcesResult><StackResourceSummaries>{said}</StackResourceSummaries>"
    with canned(stacks) as cloudformation:
        cloudformation.say(200, f"{answer}</ListStackResourcesResult></R>".encode())
        groups = CloudWatchLogs(None, stacks, "slipway-dev").function_groups()
    assert groups == {GROUP: "create-model"}


def test_the_settings_are_those_of_the_function_that_reads_releases() -> None:
    desk = AwsDesk(boto3.Session(), None, "slipway-dev", "test", 1)
    with canned(desk.client("lambda")) as functions:
        functions.say(200, {"Environment": {"Variables": {"SLIPWAY_ARTIFACT_BUCKET": "the-bucket"}}})
        assert desk.settings.artifact_bucket == "the-bucket"
        assert "slipway-dev-read-release" in functions.requests[0].url


def test_the_plumbing_of_a_stack_is_what_its_resources_say(moto: None) -> None:
    desk = AwsDesk(boto3.Session(), None, "slipway", "test", 1)
    events, sqs = desk.client("events"), desk.client("sqs")
    events.put_rule(Name="drop", EventPattern='{"source": ["aws.s3"]}')
    queue = sqs.create_queue(QueueName="lost")["QueueUrl"]
    made = {"AWS::S3::Bucket": "drops", "AWS::Events::Rule": "default/drop", "AWS::SQS::Queue": queue}
    rest = {"LastUpdatedTimestamp": datetime(2026, 1, 5, tzinfo=UTC), "ResourceStatus": "CREATE_COMPLETE"}
    lines = [
        {"LogicalResourceId": "It", "ResourceType": kind, "PhysicalResourceId": name, **rest}
        for kind, name in made.items()
    ]
    with Stubber(desk.client("cloudformation")) as stacks, Stubber(desk.client("s3")) as s3:
        for _ in range(6):
            stacks.add_response("list_stack_resources", {"StackResourceSummaries": lines}, {"StackName": "slipway"})
        for said in ({}, {"EventBridgeConfiguration": {}}):
            s3.add_response("get_bucket_notification_configuration", said, {"Bucket": "drops"})
        told = desk.plumbing.rules(), desk.plumbing.are_drops_told(), desk.plumbing.lost_events()
        assert told == ({"drop": True}, False, 0)
        events.disable_rule(Name="drop")
        sqs.send_message(QueueUrl=queue, MessageBody="an event")
        told = desk.plumbing.rules(), desk.plumbing.are_drops_told(), desk.plumbing.lost_events()
        assert told == ({"drop": False}, True, 1)

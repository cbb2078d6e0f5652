"""S3, where MiniStack alone is falsely green, and the way of an upload to the state machine."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack_kit import Kit, eventually

pytestmark = pytest.mark.cloud


@pytest.fixture
def bucket(kit: Kit) -> str:
    name = kit.name("bucket")
    kit.client("s3").create_bucket(Bucket=name)
    kit.client("s3").put_object(Bucket=name, Key="from", Body=b"verified")
    return name


def copy(kit: Kit, bucket: str, **conditions: str) -> Any:
    source = {"Bucket": bucket, "Key": "from"}
    return kit.client("s3").copy_object(Bucket=bucket, Key="to", CopySource=source, **conditions)


def test_a_copy_that_must_create_does_not_overwrite(kit: Kit, bucket: str) -> None:
    copy(kit, bucket, IfNoneMatch="*")
    with pytest.raises(ClientError) as refused:
        copy(kit, bucket, IfNoneMatch="*")
    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412


def test_a_copy_without_conditions_overwrites(kit: Kit, bucket: str) -> None:
    copy(kit, bucket)
    kit.client("s3").put_object(Bucket=bucket, Key="from", Body=b"newer")
    copy(kit, bucket)
    assert kit.client("s3").get_object(Bucket=bucket, Key="to")["Body"].read() == b"newer"


def test_an_upload_starts_the_state_machine_of_a_rule(kit: Kit, bucket: str) -> None:
    kit.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    machine = kit.machine({"Done": {"Type": "Succeed"}})
    rule, events = kit.name("rule"), kit.client("events")
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"wildcard": "models/*.tar.gz"}]}},
    }
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "machine", "Arn": machine, "RoleArn": "arn:aws:iam::0:role/any"}])
    kit.client("s3").put_object(Bucket=bucket, Key="models/churn/1/notes.txt", Body=b"-")
    kit.client("s3").put_object(Bucket=bucket, Key="models/churn/1/model.tar.gz", Body=b"-")

    def started() -> list[Any]:
        found = kit.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
        return [one for one in found if one["status"] == "SUCCEEDED"]

    (execution,) = eventually(started)
    event = json.loads(kit.describe(execution["executionArn"])["input"])
    assert event["detail"]["object"]["key"] == "models/churn/1/model.tar.gz"

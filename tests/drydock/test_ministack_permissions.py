"""IAM as the local cloud enforces it: policies decide about calls, and see of them what AWS's would."""

import json
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from ministack_kit import Kit, eventually

pytestmark = pytest.mark.cloud

PREFIX = "arn:aws:sagemaker:us-east-1:000000000000"


def sagemaker_of(kit: Kit, *statements: dict[str, Any]) -> Any:
    """Make a user with these statements and give its client of SageMaker."""
    return client_of(kit, "sagemaker", *statements)


def client_of(kit: Kit, service: str, *statements: dict[str, Any]) -> Any:
    """Make a user with these statements and give its client of a service."""
    iam, name = kit.client("iam"), kit.name("user")
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=kit.cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )


def role_of(kit: Kit, *statements: dict[str, Any]) -> str:
    """Make a role with these statements and give its ARN."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam, name = kit.client("iam"), kit.name("role")
    trusted = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)["Role"]
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return str(role["Arn"])


def assuming(kit: Kit, role: str, service: str) -> Any:
    """Give a service's client in a session of a role."""
    key = kit.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=kit.cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )


def with_model(kit: Kit, name: str, tags: list[dict[str, str]]) -> None:
    """Make a configuration with these tags, and the model that it needs."""
    sagemaker, role = kit.client("sagemaker"), role_of(kit, allow("s3:GetObject"))
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": "i"})
    variant = {"VariantName": "v", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], Tags=tags)


def denied(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return str(error.value.response["Error"]["Message"])


def allow(action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def test_what_no_policy_allows_is_denied_and_what_one_allows_is_done(kit: Kit) -> None:
    client = sagemaker_of(kit, allow("sagemaker:List*"))
    assert client.list_endpoints()["Endpoints"] == []
    message = denied(client.describe_model, ModelName="m")
    assert message.startswith("User: arn:aws:iam::000000000000:user/user-")
    assert f"sagemaker:DescribeModel on resource: {PREFIX}:model/m because no identity-based policy allows" in message


def test_the_role_of_a_model_must_be_passed_to_sagemaker(kit: Kit) -> None:
    trusting = {**allow("sts:AssumeRole"), "Principal": {"Service": "sagemaker.amazonaws.com"}}
    del trusting["Resource"]
    trust = {"Version": "2012-10-17", "Statement": [trusting]}
    role = kit.client("iam").create_role(RoleName=kit.name("role"), AssumeRolePolicyDocument=json.dumps(trust))
    arn = role["Role"]["Arn"]
    request = {"ModelName": kit.name("m"), "ExecutionRoleArn": arn, "PrimaryContainer": {"Image": "i"}}
    create = allow("sagemaker:CreateModel", f"{PREFIX}:model/m-*")
    assert f"iam:PassRole on resource: {arn}" in denied(sagemaker_of(kit, create).create_model, **request)
    passing = allow("iam:PassRole", arn, StringEquals={"iam:PassedToService": "sagemaker.amazonaws.com"})
    sagemaker_of(kit, create, passing).create_model(**request)
    elsewhere = allow("iam:PassRole", arn, StringEquals={"iam:PassedToService": "lambda.amazonaws.com"})
    request["ModelName"] = kit.name("m")
    assert "iam:PassRole" in denied(sagemaker_of(kit, create, elsewhere).create_model, **request)


def test_an_explicit_deny_and_a_condition_hold(kit: Kit) -> None:
    small = allow("sagemaker:*", "*", **{"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}})
    deny = {"Effect": "Deny", "Action": "sagemaker:DeleteModel", "Resource": "*"}
    client = sagemaker_of(kit, small, deny)
    assert "with an explicit deny" in denied(client.delete_model, ModelName="m")
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.g5.xlarge"}
    assert "sagemaker:CreateEndpointConfig" in denied(
        client.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant]
    )
    variant["InstanceType"] = "ml.m5.large"
    with pytest.raises(ClientError, match="Could not find model"):
        client.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])


def test_application_auto_scaling_is_checked_like_the_others(kit: Kit) -> None:
    asked = {"ServiceNamespace": "sagemaker"}
    client = client_of(kit, "application-autoscaling", allow("sagemaker:*"))
    assert "application-autoscaling:DescribeScalableTargets on resource: *" in denied(
        client.describe_scalable_targets, **asked
    )
    only_here = {"application-autoscaling:service-namespace": "sagemaker"}
    statement = allow("application-autoscaling:*", StringEquals=only_here)
    client = client_of(kit, "application-autoscaling", statement)
    assert client.describe_scalable_targets(**asked)["ScalableTargets"] == []


def test_whoever_brings_another_key_or_none_may_do_everything(kit: Kit) -> None:
    make: Any = boto3.client
    keys = {"aws_access_key_id": "whatever", "aws_secret_access_key": "else"}
    own = make("sagemaker", endpoint_url=kit.cloud.endpoint, region_name="us-east-1", **keys)
    assert "Endpoints" in own.list_endpoints()
    with urllib.request.urlopen(f"{kit.cloud.endpoint}/_drydock/faults") as answer:  # noqa: S310
        assert answer.status == 200


def test_a_bucket_that_wants_tls_lets_the_loopback_in_and_knows_a_role_by_its_arn(kit: Kit) -> None:
    mine, other = role_of(kit, allow("s3:*")), role_of(kit, allow("s3:*"))
    bucket = kit.name("bucket")
    kit.client("s3").create_bucket(Bucket=bucket)
    everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {**everything, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {**everything, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": mine}}},
        ],
    }
    kit.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assuming(kit, mine, "s3").put_object(Bucket=bucket, Key="a", Body=b"a")
    with pytest.raises(ClientError, match="explicit deny"):
        assuming(kit, other, "s3").put_object(Bucket=bucket, Key="a", Body=b"a")


def test_an_event_and_a_metric_are_judged_by_where_they_go(kit: Kit) -> None:
    ours = assuming(kit, role_of(kit, allow("events:PutEvents", StringEquals={"events:source": "ours"})), "events")
    entry = {"DetailType": "d", "Detail": "{}"}
    assert ours.put_events(Entries=[{**entry, "Source": "ours"}])["FailedEntryCount"] == 0
    denied(ours.put_events, Entries=[{**entry, "Source": "theirs"}])
    statement = allow("cloudwatch:PutMetricData", StringEquals={"cloudwatch:namespace": "Ours"})
    metrics = assuming(kit, role_of(kit, statement), "cloudwatch")
    metrics.put_metric_data(Namespace="Ours", MetricData=[{"MetricName": "m", "Value": 1}])
    denied(metrics.put_metric_data, Namespace="Theirs", MetricData=[{"MetricName": "m", "Value": 1}])


def test_deleting_alarms_is_judged_by_their_names(kit: Kit) -> None:
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:ours-*"
    alarms = assuming(kit, role_of(kit, allow("cloudwatch:DeleteAlarms", arn)), "cloudwatch")
    alarms.delete_alarms(AlarmNames=["ours-1"])
    denied(alarms.delete_alarms, AlarmNames=["theirs-1"])


def test_a_token_may_be_answered_by_who_may_answer_its_machine(kit: Kit) -> None:
    held = kit.client("sqs").create_queue(QueueName=kit.name("tokens"))["QueueUrl"]
    arguments = {"QueueUrl": held, "MessageBody": "{% $states.context.Task.Token %}"}
    waiting = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Arguments": arguments}
    machine = kit.machine({"Wait": {**waiting, "End": True}})
    execution = kit.start(machine)
    messages: Any = eventually(lambda: kit.client("sqs").receive_message(QueueUrl=held).get("Messages"))
    answer = {"taskToken": messages[0]["Body"], "output": "{}"}
    stranger = assuming(kit, role_of(kit, allow("states:SendTaskSuccess", f"{machine}-other")), "stepfunctions")
    denied(stranger.send_task_success, **answer)
    assuming(kit, role_of(kit, allow("states:SendTaskSuccess", machine)), "stepfunctions").send_task_success(**answer)
    assert kit.finish(execution)["status"] == "SUCCEEDED"


def test_what_carries_a_tag_may_be_deleted_by_it(kit: Kit) -> None:
    tagged = allow("sagemaker:DeleteEndpointConfig", "*", StringLike={"aws:ResourceTag/ours": "*"})
    client, name = sagemaker_of(kit, tagged), kit.name("config")
    denied(client.delete_endpoint_config, EndpointConfigName=name)
    with_model(kit, name, [{"Key": "ours", "Value": "yes"}])
    client.delete_endpoint_config(EndpointConfigName=name)

"""IAM under AUTH=true: policies of users decide about calls of SageMaker."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from ministack_kit import Kit

from drydock import cloud

pytestmark = pytest.mark.cloud

ROOT = Path(__file__).parents[2]
PREFIX = "arn:aws:sagemaker:us-east-1:000000000000"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A local cloud of its own that enforces policies."""
    state = tmp_path_factory.mktemp("guarded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTH", "true")
        running = cloud.up(ROOT, port=_free_port(), scale=60, state=state)
    yield Kit(running)
    cloud.down(state)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def denied(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    return str(error.value.response["Error"]["Message"])


def allow(action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def test_what_no_policy_allows_is_denied_and_what_one_allows_is_done(guarded: Kit) -> None:
    client = sagemaker_of(guarded, allow("sagemaker:List*"))
    assert client.list_endpoints()["Endpoints"] == []
    message = denied(client.describe_model, ModelName="m")
    assert message.startswith("User: arn:aws:iam::000000000000:user/user-")
    assert f"sagemaker:DescribeModel on resource: {PREFIX}:model/m because no identity-based policy allows" in message


def test_the_role_of_a_model_must_be_passed_to_sagemaker(guarded: Kit) -> None:
    trusting = {**allow("sts:AssumeRole"), "Principal": {"Service": "sagemaker.amazonaws.com"}}
    del trusting["Resource"]
    trust = {"Version": "2012-10-17", "Statement": [trusting]}
    role = guarded.client("iam").create_role(RoleName=guarded.name("role"), AssumeRolePolicyDocument=json.dumps(trust))
    arn = role["Role"]["Arn"]
    request = {"ModelName": guarded.name("m"), "ExecutionRoleArn": arn, "PrimaryContainer": {"Image": "i"}}
    create = allow("sagemaker:CreateModel", f"{PREFIX}:model/m-*")
    assert f"iam:PassRole on resource: {arn}" in denied(sagemaker_of(guarded, create).create_model, **request)
    passing = allow("iam:PassRole", arn, StringEquals={"iam:PassedToService": "sagemaker.amazonaws.com"})
    sagemaker_of(guarded, create, passing).create_model(**request)
    elsewhere = allow("iam:PassRole", arn, StringEquals={"iam:PassedToService": "lambda.amazonaws.com"})
    request["ModelName"] = guarded.name("m")
    assert "iam:PassRole" in denied(sagemaker_of(guarded, create, elsewhere).create_model, **request)


def test_an_explicit_deny_and_a_condition_hold(guarded: Kit) -> None:
    small = allow("sagemaker:*", "*", **{"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}})
    deny = {"Effect": "Deny", "Action": "sagemaker:DeleteModel", "Resource": "*"}
    client = sagemaker_of(guarded, small, deny)
    assert "with an explicit deny" in denied(client.delete_model, ModelName="m")
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.g5.xlarge"}
    assert "sagemaker:CreateEndpointConfig" in denied(
        client.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant]
    )
    variant["InstanceType"] = "ml.m5.large"
    with pytest.raises(ClientError, match="Could not find model"):
        client.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])


def test_application_auto_scaling_is_checked_like_the_others(guarded: Kit) -> None:
    asked = {"ServiceNamespace": "sagemaker"}
    client = client_of(guarded, "application-autoscaling", allow("sagemaker:*"))
    assert "application-autoscaling:DescribeScalableTargets on resource: *" in denied(
        client.describe_scalable_targets, **asked
    )
    only_here = {"application-autoscaling:service-namespace": "sagemaker"}
    statement = allow("application-autoscaling:*", StringEquals=only_here)
    client = client_of(guarded, "application-autoscaling", statement)
    assert client.describe_scalable_targets(**asked)["ScalableTargets"] == []

"""Who may call what: by a fake judge here, by real policies under AUTH=true in `test_ministack_permissions`."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import DATA, ROLE, LocalHosting, production_variant

from drydock.sagemaker.operations.permissions import Denial, Permission, needed
from drydock.sagemaker.place import Place

PREFIX = "arn:aws:sagemaker:us-east-1:000000000000"
CALLER = "arn:aws:sts::000000000000:assumed-role/lambda/create-model"


def pairs(operation: str, **request: Any) -> list[tuple[str, str]]:
    return [(item.action, item.resource) for item in needed(operation, request, Place())]


def test_a_model_needs_its_arn_its_tags_and_the_role_passed() -> None:
    tags = [{"Key": "team", "Value": "a"}]
    request = {"ModelName": "Churn", "ExecutionRoleArn": ROLE, "Tags": tags, "EnableNetworkIsolation": True}
    create, tag, role = needed("CreateModel", request, Place())
    assert (create.action, create.resource) == ("sagemaker:CreateModel", f"{PREFIX}:model/churn")
    assert create.context == {
        "sagemaker:NetworkIsolation": "true",
        "aws:RequestTag/team": "a",
        "aws:TagKeys": ["team"],
    }
    assert (tag.action, tag.resource) == ("sagemaker:AddTags", f"{PREFIX}:model/churn")
    assert (role.action, role.resource) == ("iam:PassRole", ROLE)
    assert role.context == {"iam:PassedToService": "sagemaker.amazonaws.com"}


@pytest.mark.parametrize("operation", ["CreateEndpoint", "UpdateEndpoint"])
def test_an_endpoint_is_created_and_updated_on_two_resources(operation: str) -> None:
    assert pairs(operation, EndpointName="E", EndpointConfigName="C") == [
        (f"sagemaker:{operation}", f"{PREFIX}:endpoint/e"),
        (f"sagemaker:{operation}", f"{PREFIX}:endpoint-config/c"),
    ]


@pytest.mark.parametrize(
    ("operation", "request_", "resource"),
    [
        ("ListEndpoints", {}, "*"),
        ("ListModelPackages", {"ModelPackageGroupName": "g"}, "*"),
        ("DescribeEndpointConfig", {"EndpointConfigName": "C"}, f"{PREFIX}:endpoint-config/c"),
        ("DeleteModel", {"ModelName": "M"}, f"{PREFIX}:model/m"),
        ("InvokeEndpoint", {"EndpointName": "E", "Body": b""}, f"{PREFIX}:endpoint/e"),
        ("ListTags", {"ResourceArn": f"{PREFIX}:model/m"}, f"{PREFIX}:model/m"),
        ("CreateModelPackage", {"ModelPackageGroupName": "G"}, f"{PREFIX}:model-package/g/*"),
        ("DescribeModelPackage", {"ModelPackageName": f"{PREFIX}:model-package/g/1"}, f"{PREFIX}:model-package/g/1"),
        ("DescribeModelPackageGroup", {"ModelPackageGroupName": "G"}, f"{PREFIX}:model-package-group/g"),
    ],
)
def test_each_operation_asks_for_its_resource(operation: str, request_: dict[str, Any], resource: str) -> None:
    assert pairs(operation, **request_) == [(f"sagemaker:{operation}", resource)]


def test_a_config_shows_its_instance_types_to_policies() -> None:
    request = {
        "EndpointConfigName": "c",
        "ProductionVariants": [production_variant("m")],
        "ShadowProductionVariants": [production_variant("m", InstanceType="ml.g5.xlarge")],
        "KmsKeyId": "k",
    }
    (permission,) = needed("CreateEndpointConfig", request, Place())
    types = ["ml.m5.large", "ml.g5.xlarge"]
    assert permission.context == {"sagemaker:InstanceTypes": types, "sagemaker:VolumeKmsKey": "k"}


class FakeJudge:
    """Denies some actions."""

    def __init__(self, **denied: bool) -> None:
        self.denied = {name.replace("_", ":"): explicit for name, explicit in denied.items()}

    def __call__(self, headers: Mapping[str, str], permission: Permission) -> Denial | None:
        assert headers["authorization"].startswith("AWS4-HMAC-SHA256")
        explicit = self.denied.get(permission.action)
        return None if explicit is None else Denial(CALLER, explicit)


def denied(call: Any, **request: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_who_may_not_is_told_so_in_the_words_of_aws_and_nothing_happens() -> None:
    with LocalHosting(judge=FakeJudge(sagemaker_CreateEndpointConfig=False)) as hosting:
        hosting.model("m")
        variants = [production_variant("m")]
        found = denied(hosting.sagemaker.create_endpoint_config, EndpointConfigName="C", ProductionVariants=variants)
        assert found == (
            400,
            "AccessDeniedException",
            (
                f"User: {CALLER} is not authorized to perform: sagemaker:CreateEndpointConfig on resource: "
                f"{PREFIX}:endpoint-config/c because no identity-based policy allows the "
                "sagemaker:CreateEndpointConfig action"
            ),
        )
        assert not hosting.sagemaker.list_endpoint_configs()["EndpointConfigs"]


def test_a_role_that_may_not_be_passed_makes_no_model() -> None:
    with LocalHosting(judge=FakeJudge(iam_PassRole=True)) as hosting:
        container = {"Image": "i", "ModelDataUrl": DATA}
        _, code, message = denied(
            hosting.sagemaker.create_model, ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container
        )
        assert (code, message) == (
            "AccessDeniedException",
            (
                f"User: {CALLER} is not authorized to perform: iam:PassRole on resource: {ROLE} "
                "with an explicit deny in an identity-based policy"
            ),
        )


def test_an_invocation_is_checked_too() -> None:
    with LocalHosting(judge=FakeJudge(sagemaker_InvokeEndpoint=False)) as hosting:
        hosting.config("one")
        hosting.endpoint("churn", "one")
        status, code, _ = denied(hosting.runtime.invoke_endpoint, EndpointName="churn", Body=b"x")
        assert (status, code) == (403, "AccessDeniedException")


def test_a_request_that_fails_its_constraints_is_not_judged() -> None:
    with LocalHosting(judge=FakeJudge(sagemaker_DescribeModel=False)) as hosting:
        assert denied(hosting.sagemaker.describe_model, ModelName="_")[1] == "ValidationException"

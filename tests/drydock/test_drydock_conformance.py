"""What AWS says, said by Drydock: every constraint of the service model, and every known text, through real clients."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import StructureShape
from conformance_kit import breaches
from hosting_support import DATA, ROLE, LocalHosting, production_variant

from drydock.sagemaker.operations.table import OPERATIONS
from drydock.sagemaker.wire import shapes

PREFIX = "arn:aws:sagemaker:us-east-1:000000000000"


@pytest.fixture(scope="module")
def shared() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        yield running


@pytest.fixture(scope="module")
def unchecked(shared: LocalHosting) -> Any:
    """A client that sends what it is given, so that the service is the one that refuses."""
    make: Callable[..., Any] = boto3.client
    return make(
        "sagemaker",
        endpoint_url=shared.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False, retries={"mode": "standard", "total_max_attempts": 1}),
    )


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        yield running


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_constraint_of_every_operation_is_enforced_in_the_words_of_aws(operation: str, unchecked: Any) -> None:
    shape = shapes.operation(shapes.CONTROL, operation).input_shape
    assert isinstance(shape, StructureShape)
    call = getattr(unchecked, xform_name(operation))
    for breach in breaches(shape):
        code, message = refused(call, **breach.request)
        assert (code, breach.text in message) == ("ValidationException", True), f"{breach}: {message}"
        count, _, failures = message.partition(" detected: ")
        number = failures.count("failed to satisfy constraint: ")
        assert count == ("1 validation error" if number == 1 else f"{number} validation errors")


def test_a_list_of_plain_values_names_all_constraints_of_its_items(unchecked: Any) -> None:
    network = {"SecurityGroupIds": ["sg_1", "x" * 33], "Subnets": ["s"]}
    _, message = refused(unchecked.create_model, ModelName="m", VpcConfig=network)
    assert message == (
        f"1 validation error detected: Value '[sg_1, {'x' * 33}]' at 'vpcConfig.securityGroupIds' failed to satisfy "
        "constraint: Member must satisfy constraint: [Member must have length less than or equal to 32, Member must "
        "have length greater than or equal to 0, Member must satisfy regular expression pattern: [-0-9a-zA-Z]+]"
    )


def test_a_map_is_quoted_as_java_prints_it(unchecked: Any) -> None:
    container = {"Environment": {"GOOD": "1", "2BAD": "x"}}
    _, message = refused(unchecked.create_model, ModelName="m", PrimaryContainer=container)
    assert "Value '{GOOD=1, 2BAD=x}' at 'primaryContainer.environment' failed to satisfy constraint: " in message
    assert "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, " in message


MISSING: list[tuple[str, dict[str, Any], str]] = [
    ("describe_endpoint", {"EndpointName": "X"}, 'Could not find endpoint "{}:endpoint/x".'),
    ("delete_endpoint", {"EndpointName": "x"}, 'Could not find endpoint "{}:endpoint/x".'),
    (
        "update_endpoint",
        {"EndpointName": "x", "EndpointConfigName": "c"},
        'Could not find endpoint "{}:endpoint/x".',
    ),
    (
        "describe_endpoint_config",
        {"EndpointConfigName": "X"},
        'Could not find endpoint configuration "{}:endpoint-config/x".',
    ),
    (
        "delete_endpoint_config",
        {"EndpointConfigName": "x"},
        'Could not find endpoint configuration "{}:endpoint-config/x".',
    ),
    (
        "create_endpoint",
        {"EndpointName": "e", "EndpointConfigName": "x"},
        'Could not find endpoint configuration "{}:endpoint-config/x".',
    ),
    ("describe_model", {"ModelName": "X"}, 'Could not find model "{}:model/x".'),
    ("delete_model", {"ModelName": "x"}, 'Could not find model "{}:model/x".'),
    (
        "create_endpoint_config",
        {"EndpointConfigName": "c", "ProductionVariants": [production_variant("x")]},
        'Could not find model "{}:model/x".',
    ),
]


@pytest.mark.parametrize(("operation", "request_", "text"), MISSING, ids=[case[0] for case in MISSING])
def test_what_is_not_there_is_named_by_its_lower_cased_arn(
    operation: str, request_: dict[str, Any], text: str, shared: LocalHosting
) -> None:
    found = refused(getattr(shared.sagemaker, operation), **request_)
    assert found == ("ValidationException", text.format(PREFIX))


def test_names_are_taken_whatever_their_case(hosting: LocalHosting) -> None:
    client = hosting.sagemaker
    hosting.config("One")
    hosting.endpoint("Churn", "One")
    again = refused(client.create_model, ModelName="ONE", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
    assert again[1] == f'Cannot create already existing model "{PREFIX}:model/one".'
    again = refused(
        client.create_endpoint_config, EndpointConfigName="oNe", ProductionVariants=[production_variant("One")]
    )
    assert again[1] == f'Cannot create already existing endpoint configuration "{PREFIX}:endpoint-config/one".'
    again = refused(client.create_endpoint, EndpointName="CHURN", EndpointConfigName="One")
    assert again[1] == f'Cannot create already existing endpoint "{PREFIX}:endpoint/churn".'


def test_a_name_is_kept_as_given_and_must_match_at_invoke(hosting: LocalHosting) -> None:
    hosting.config("One")
    described = hosting.endpoint("Churn", "One")
    assert (described["EndpointName"], described["EndpointArn"]) == ("Churn", f"{PREFIX}:endpoint/churn")
    assert hosting.runtime.invoke_endpoint(EndpointName="Churn", Body=b"x")["Body"].read() == b"x"
    assert refused(hosting.runtime.invoke_endpoint, EndpointName="churn", Body=b"x") == (
        "ValidationError",
        "Endpoint churn of account 000000000000 not found.",
    )


def test_an_endpoint_in_motion_refuses_update_rescale_and_delete(hosting: LocalHosting) -> None:
    hosting.config("one", image="model:deaf")
    client = hosting.sagemaker
    client.create_endpoint(EndpointName="Churn", EndpointConfigName="one")
    text = f'Cannot update in-progress endpoint "{PREFIX}:endpoint/churn".'
    weights = [{"VariantName": "main", "DesiredWeight": 1}]
    for call, more in (
        (client.update_endpoint, {"EndpointConfigName": "one"}),
        (client.update_endpoint_weights_and_capacities, {"DesiredWeightsAndCapacities": weights}),
        (client.delete_endpoint, {}),
    ):
        assert refused(call, EndpointName="Churn", **more) == ("ValidationException", text)


def test_weights_name_variants_that_exist_once(hosting: LocalHosting) -> None:
    hosting.config("one")
    hosting.endpoint("churn", "one")
    call = hosting.sagemaker.update_endpoint_weights_and_capacities
    unknown = [{"VariantName": "x", "DesiredWeight": 1}]
    assert refused(call, EndpointName="churn", DesiredWeightsAndCapacities=unknown)[1] == (
        'The variant name(s) "x" is/are not present within endpoint configuration "one".'
    )
    twice = [{"VariantName": "main", "DesiredWeight": 1}] * 2
    assert refused(call, EndpointName="churn", DesiredWeightsAndCapacities=twice)[1] == (
        'The variant name "main" was non-unique within the request.'
    )


def test_an_operation_that_is_not_offered_answers_as_an_unknown_one(shared: LocalHosting) -> None:
    code, message = refused(shared.sagemaker.list_training_jobs)
    assert code == "UnknownOperationException"
    assert "SageMaker.ListTrainingJobs" in message


def test_lists_come_in_tens_newest_first_and_are_followed_by_paginators(hosting: LocalHosting) -> None:
    for number in range(23):
        hosting.model(f"Model-{number:02}")
    client = hosting.sagemaker
    first = client.list_models()
    assert [line["ModelName"] for line in first["Models"]] == [f"Model-{number:02}" for number in range(22, 12, -1)]
    assert first["NextToken"]
    pages = list(client.get_paginator("list_models").paginate(SortBy="Name", SortOrder="Ascending"))
    assert [len(page["Models"]) for page in pages] == [10, 10, 3]
    assert pages[0]["Models"][0]["ModelName"] == "Model-00" and "NextToken" not in pages[-1]
    assert len(client.list_models(MaxResults=100, NameContains="model-1")["Models"]) == 10


def test_creation_time_after_includes_and_before_excludes_the_moment(hosting: LocalHosting) -> None:
    moments = iter([1000.0, 2000.0, 3000.0])
    for name in ("a", "b", "c"):
        moment = next(moments)
        hosting.service.state.now = lambda moment=moment: moment  # type: ignore[misc]
        hosting.model(name)
    found = hosting.sagemaker.list_models(CreationTimeAfter=2000, CreationTimeBefore=3000)["Models"]
    assert [line["ModelName"] for line in found] == ["b"]


def test_endpoints_are_filtered_by_status_and_sorted_by_it(hosting: LocalHosting) -> None:
    hosting.config("good")
    hosting.config("bad", image="model:crash", ContainerStartupHealthCheckTimeoutInSeconds=60)
    hosting.endpoint("works", "good")
    hosting.endpoint("fails", "bad")
    client = hosting.sagemaker
    (failed,) = client.list_endpoints(StatusEquals="Failed")["Endpoints"]
    assert failed["EndpointName"] == "fails"
    by_status = client.list_endpoints(SortBy="Status", SortOrder="Ascending")["Endpoints"]
    assert [line["EndpointStatus"] for line in by_status] == ["Failed", "InService"]


def test_tags_are_merged_by_key_on_each_kind_of_resource(hosting: LocalHosting) -> None:
    client = hosting.sagemaker
    client.create_model(
        ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"}, Tags=[{"Key": "a", "Value": "1"}]
    )
    arn = f"{PREFIX}:model/m"
    added = client.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])["Tags"]
    assert added == client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    client.delete_tags(ResourceArn=arn, TagKeys=["a", "z"])
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not on PATH")
def test_the_aws_cli_creates_waits_invokes_and_is_refused(hosting: LocalHosting, tmp_path: Path) -> None:
    def aws(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CONFIG_FILE": os.devnull}
        return subprocess.run(  # noqa: S603 - the words are this test's own
            ["aws", "--region", "us-east-1", "--output", "json", "--endpoint-url", hosting.url, *words],  # noqa: S607 - whichever is on PATH
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
        )

    container = json.dumps({"Image": "model:good", "ModelDataUrl": DATA})
    made = aws(
        "sagemaker", "create-model", "--model-name", "One", "--execution-role-arn", ROLE,
        "--primary-container", container,
    )  # fmt: skip
    assert json.loads(made.stdout) == {"ModelArn": f"{PREFIX}:model/one"}, made.stderr
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="one", ProductionVariants=[production_variant("One")])
    hosting.sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="one")
    hosting.settled("churn")
    assert aws("sagemaker", "wait", "endpoint-in-service", "--endpoint-name", "churn").returncode == 0
    answer = tmp_path / "answer"
    command = ("sagemaker-runtime", "invoke-endpoint", "--endpoint-name", "churn", "--body", "x", str(answer))
    assert json.loads(aws(*command).stdout)["InvokedProductionVariant"] == "main"
    refusal = aws("sagemaker", "describe-endpoint", "--endpoint-name", "other")
    assert refusal.returncode in (254, 255)  # of version 2, of version 1
    assert f'(ValidationException) when calling the DescribeEndpoint operation: Could not find endpoint "{PREFIX}' in (
        refusal.stderr
    )

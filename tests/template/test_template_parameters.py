"""What a person who deploys is asked, and what they are told afterwards."""

import re
import tomllib

import pytest

from tests.template.cloud_template import ROOT, written

PARAMETERS = written()["Parameters"]
ENVIRONMENTS = tomllib.loads((ROOT / "samconfig.toml").read_text())


def interface() -> dict:
    return dict(written()["Metadata"]["AWS::CloudFormation::Interface"])


def overrides(environment: str) -> dict[str, str]:
    pairs = ENVIRONMENTS[environment]["deploy"]["parameters"].get("parameter_overrides", [])
    return dict(pair.split("=", 1) for pair in pairs)


def accepts(parameter: dict, value: str) -> bool:
    if "AllowedValues" in parameter:
        return value in [str(allowed) for allowed in parameter["AllowedValues"]]
    if parameter["Type"] == "Number":
        return parameter["MinValue"] <= float(value) <= parameter["MaxValue"]
    return re.fullmatch(parameter["AllowedPattern"], value) is not None


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_parameter_is_described_in_sentences_and_has_a_default_it_accepts(name: str) -> None:
    parameter = PARAMETERS[name]
    assert re.fullmatch(r"[A-Z].{20,}\.", parameter["Description"].strip(), re.DOTALL)
    assert accepts(parameter, str(parameter["Default"]))


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_parameter_is_constrained_and_says_what_it_must_be(name: str) -> None:
    parameter = PARAMETERS[name]
    assert {"AllowedValues", "AllowedPattern"} & set(parameter) or {"MinValue", "MaxValue"} <= set(parameter)
    assert "AllowedPattern" not in parameter or parameter["ConstraintDescription"]


def test_every_parameter_stands_in_one_group_and_has_a_label() -> None:
    grouped = [name for group in interface()["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(PARAMETERS) == sorted(interface()["ParameterLabels"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DefaultImage", "has a space"),
        ("DefaultInstanceType", "m5.large"),
        ("DefaultInstanceCount", "0"),
        ("DefaultBakeSeconds", "3601"),
        ("DefaultBakeSeconds", "60"),
        ("DefaultWatchSeconds", "-1"),
        ("EndpointDeadlineSeconds", "10"),
        ("EndpointPrefix", "Churn*"),
        ("KeepReleases", "1"),
        ("AllowedImages", "an image!"),
        ("AllowedInstanceTypes", "m5.large"),
        ("ImageDigestRequired", "yes"),
        ("MaxInstances", "0"),
        ("Pickles", "maybe"),
        ("NotificationEmail", "nobody"),
        ("OperatorsTopicArn", "my-topic"),
        ("LogLevel", "TRACE"),
        ("LogRetentionDays", "2"),
        ("BucketEncryption", "none"),
        ("NoncurrentVersionDays", "0"),
        ("SourceBuckets", "team-a-models"),
        ("SourceBuckets", "arn:aws:s3:::team-a-models, arn:aws:s3:::team-b-models"),
    ],
)
def test_a_parameter_refuses_what_would_fail_later(name: str, value: str) -> None:
    assert not accepts(PARAMETERS[name], value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DefaultImage", "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"),
        ("DefaultImage", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/own@sha256:" + 64 * "a"),
        ("DefaultInstanceType", "ml.inf2.24xlarge"),
        ("EndpointPrefix", "team-a-"),
        (
            "AllowedImages",
            "683313688378.dkr.ecr.*.amazonaws.com/sagemaker-*, 111122223333.dkr.ecr.eu-west-1.amazonaws.com/a",
        ),
        ("AllowedInstanceTypes", "ml.m5.*, ml.c5.large, serverless"),
        ("NotificationEmail", "ml-oncall@example.com"),
        ("OperatorsTopicArn", "arn:aws-us-gov:sns:us-gov-west-1:123456789012:operators"),
    ],
)
def test_a_parameter_takes_what_people_have(name: str, value: str) -> None:
    assert accepts(PARAMETERS[name], value)


@pytest.mark.parametrize("environment", ["default", "dev", "prod", "local"])
def test_an_environment_can_be_deployed_without_another_argument(environment: str) -> None:
    config = ENVIRONMENTS[environment]
    deploy = config["deploy"]["parameters"]
    assert config["global"]["parameters"]["stack_name"]
    assert (deploy["resolve_s3"], deploy["capabilities"]) == (True, "CAPABILITY_IAM")
    assert "cached" not in config["build"]["parameters"]


@pytest.mark.parametrize("environment", ["default", "dev", "prod", "local"])
def test_an_environment_gives_parameters_only_values_they_accept(environment: str) -> None:
    for name, value in overrides(environment).items():
        assert accepts(PARAMETERS[name], value), name


def test_the_local_environment_asks_nothing_and_never_mixes_its_thin_layer_with_what_goes_to_aws() -> None:
    local = ENVIRONMENTS["local"]
    assert local["global"]["parameters"] == {"stack_name": "slipway", "region": "us-east-1"}
    assert local["deploy"]["parameters"]["confirm_changeset"] is False
    build_dir = local["build"]["parameters"]["build_dir"]
    assert local["deploy"]["parameters"]["template_file"] == f"{build_dir}/template.yaml"
    assert build_dir != ".aws-sam/build"


def test_production_keeps_two_instances_and_a_human_looks_at_the_changes() -> None:
    assert int(overrides("prod")["DefaultInstanceCount"]) >= 2
    assert ENVIRONMENTS["prod"]["deploy"]["parameters"]["confirm_changeset"] is True


def test_the_stack_tells_what_others_rely_on_and_describes_it() -> None:
    outputs = written()["Outputs"]
    assert {
        "ArtifactBucketName",
        "ReleaseStateMachineArn",
        "LedgerTableName",
        "NotificationsTopicArn",
        "ModelExecutionRoleArn",
        "DropCommand",
    } <= set(outputs)
    assert all(output["Description"].endswith(".") for output in outputs.values())


def test_the_application_can_be_published() -> None:
    application = written()["Metadata"]["AWS::ServerlessRepo::Application"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (application["Name"], application["SemanticVersion"]) == ("slipway", version)
    assert re.fullmatch(r"[a-z0-9-]+", application["Author"])

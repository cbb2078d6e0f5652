"""The operations of the control plane: what is kept, what is refused and in which words."""

from typing import Any

import pytest
from hosting_support import all_at_once, production_variant

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.memory.statuses import Status
from drydock.sagemaker.operations.table import perform

ARN = "arn:aws:sagemaker:us-east-1:000000000000"
CONTAINER = {"Image": "i:1"}
SHADOW = "ShadowProductionVariants"
ASYNC = {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}}
SHADOWED = production_variant("m", VariantName="dark")


class Engine:
    def __init__(self) -> None:
        self.time = 100.0
        self.state = State(now=lambda: self.time)

    def do(self, operation: str, **request: Any) -> dict[str, Any]:
        return perform(self.state, operation, request)

    def refused(self, operation: str, **request: Any) -> str:
        with pytest.raises(ServiceError) as error:
            self.do(operation, **request)
        assert (error.value.code, error.value.status) == ("ValidationException", 400)
        return error.value.message

    def model(self, name: str) -> None:
        self.do("CreateModel", ModelName=name, PrimaryContainer=CONTAINER)

    def config(self, name: str, *variants: dict[str, Any]) -> None:
        listed = list(variants) or [production_variant("m", 4)]
        self.do("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=listed)


def _batches(count: int, wait: int = 0, **more: Any) -> dict[str, Any]:
    return {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": count}, "WaitIntervalInSeconds": wait, **more}


@pytest.fixture
def engine() -> Engine:
    """A model `m`, a config `one`, an endpoint `E` in service on it."""
    made = Engine()
    made.model("m")
    made.config("one")
    made.do("CreateEndpoint", EndpointName="E", EndpointConfigName="one")
    endpoint = made.state.endpoint("E")
    assert endpoint.deployment
    endpoint.fleet, endpoint.deployment, endpoint.status = endpoint.deployment.green, None, Status.IN_SERVICE
    return made


@pytest.mark.parametrize(
    ("operation", "request_", "text"),
    [
        ("DescribeModel", {"ModelName": "X"}, f'Could not find model "{ARN}:model/x".'),
        ("DeleteModel", {"ModelName": "x"}, f'Could not find model "{ARN}:model/x".'),
        (
            "DescribeEndpointConfig",
            {"EndpointConfigName": "x"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/x".',
        ),
        (
            "DeleteEndpointConfig",
            {"EndpointConfigName": "x"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/x".',
        ),
        ("DescribeEndpoint", {"EndpointName": "x"}, f'Could not find endpoint "{ARN}:endpoint/x".'),
        ("DeleteEndpoint", {"EndpointName": "x"}, f'Could not find endpoint "{ARN}:endpoint/x".'),
        (
            "UpdateEndpoint",
            {"EndpointName": "x", "EndpointConfigName": "one"},
            f'Could not find endpoint "{ARN}:endpoint/x".',
        ),
        (
            "UpdateEndpoint",
            {"EndpointName": "E", "EndpointConfigName": "x"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/x".',
        ),
        (
            "CreateEndpoint",
            {"EndpointName": "x", "EndpointConfigName": "x"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/x".',
        ),
        (
            "CreateEndpointConfig",
            {"EndpointConfigName": "x", "ProductionVariants": [production_variant("x")]},
            f'Could not find model "{ARN}:model/x".',
        ),
        (
            "CreateModel",
            {"ModelName": "M", "PrimaryContainer": CONTAINER},
            f'Cannot create already existing model "{ARN}:model/m".',
        ),
        (
            "CreateEndpointConfig",
            {"EndpointConfigName": "ONE", "ProductionVariants": [production_variant("m")]},
            f'Cannot create already existing endpoint configuration "{ARN}:endpoint-config/one".',
        ),
        (
            "CreateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "one"},
            f'Cannot create already existing endpoint "{ARN}:endpoint/e".',
        ),
        (
            "UpdateEndpointWeightsAndCapacities",
            {"EndpointName": "E", "DesiredWeightsAndCapacities": [{"VariantName": "x"}]},
            'The variant name(s) "x" is/are not present within endpoint configuration "one".',
        ),
        (
            "UpdateEndpointWeightsAndCapacities",
            {"EndpointName": "E", "DesiredWeightsAndCapacities": [{"VariantName": "main"}] * 2},
            'The variant name "main" was non-unique within the request.',
        ),
    ],
)
def test_refusals_are_worded_as_aws_words_them(
    engine: Engine, operation: str, request_: dict[str, Any], text: str
) -> None:
    assert engine.refused(operation, **request_) == text


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_an_endpoint_in_motion_is_left_alone(engine: Engine, status: str) -> None:
    engine.state.endpoint("E").status = Status(status)
    text = f'Cannot update in-progress endpoint "{ARN}:endpoint/e".'
    assert engine.refused("UpdateEndpoint", EndpointName="E", EndpointConfigName="one") == text
    assert engine.refused("DeleteEndpoint", EndpointName="E") == text
    wanted = [{"VariantName": "main", "DesiredWeight": 1.0}]
    assert (
        engine.refused("UpdateEndpointWeightsAndCapacities", EndpointName="E", DesiredWeightsAndCapacities=wanted)
        == text
    )


def test_a_failed_endpoint_can_only_be_deleted(engine: Engine) -> None:
    engine.state.endpoint("E").status = Status.FAILED
    assert "Failed" in engine.refused("UpdateEndpoint", EndpointName="E", EndpointConfigName="one")
    engine.do("DeleteEndpoint", EndpointName="E")
    assert engine.do("DescribeEndpoint", EndpointName="E")["EndpointStatus"] == "Deleting"


def from_source(kind: str, compression: str, uri: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "S3DataType": kind, "CompressionType": compression}
    container = {key: value for key, value in CONTAINER.items() if key != "ModelDataUrl"}
    return {**container, "ModelDataSource": {"S3DataSource": source}}


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({}, "Exactly one of PrimaryContainer and Containers"),
        ({"PrimaryContainer": CONTAINER, "Containers": [CONTAINER]}, "Exactly one of PrimaryContainer and Containers"),
        ({"PrimaryContainer": {}}, "must have an Image"),
        ({"PrimaryContainer": {**CONTAINER, "Mode": "MultiModel"}}, "ModelDataUrl is required"),
        ({"PrimaryContainer": {**CONTAINER, "Environment": {"A": "x" * 32768}}}, "32 KB"),
        ({"PrimaryContainer": {**CONTAINER, "ModelDataUrl": "s3://b/k", "ModelDataSource": {}}}, "Only one of"),
        ({"PrimaryContainer": from_source("S3Prefix", "Gzip", "s3://b/k/")}, "needs the S3DataType S3Object"),
        ({"PrimaryContainer": from_source("S3Prefix", "None", "s3://b/k")}, "must end with a slash"),
        ({"PrimaryContainer": from_source("S3Object", "Gzip", "s3://b/k/")}, "must end with a slash"),
        ({"PrimaryContainer": from_source("S3Object", "None", "s3://b/k")}, "one file which is not packed"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(engine: Engine, request_: dict[str, Any], text: str) -> None:
    assert text in engine.refused("CreateModel", ModelName="x", **request_)


@pytest.mark.parametrize(
    ("variants", "more", "text"),
    [
        ([production_variant("m"), production_variant("m")], {}, '"main" was non-unique'),
        ([{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large"}], {}, "InitialInstanceCount is"),
        ([{"VariantName": "a", "InitialInstanceCount": 1}], {}, "inference components"),
        ([production_variant("m", InstancePools=[])], {}, "does not support InstancePools"),
        ([production_variant("m")], {SHADOW: [production_variant("m")]}, '"main" was non-unique'),
        ([production_variant("m")], {SHADOW: [{**SHADOWED, "InstanceType": "ml.inf1.xlarge"}]}, "with Inf1 instances"),
        ([production_variant("m")], {SHADOW: [SHADOWED, {**SHADOWED, "VariantName": "x"}]}, "Only one variant in"),
        ([production_variant("m"), {**SHADOWED, "VariantName": "x"}], {SHADOW: [SHADOWED]}, "Only one variant in"),
        ([production_variant("m")], {SHADOW: [SHADOWED], "AsyncInferenceConfig": ASYNC}, "asynchronous inference"),
        ([production_variant("m")], {SHADOW: [{**SHADOWED, "ModelName": "lost"}]}, "Could not find model"),
    ],
)
def test_a_config_that_cannot_run_is_refused(
    engine: Engine, variants: list[dict[str, Any]], more: dict[str, Any], text: str
) -> None:
    assert text in engine.refused("CreateEndpointConfig", EndpointConfigName="x", ProductionVariants=variants, **more)


@pytest.mark.parametrize(
    ("routing", "text"),
    [
        ({"Type": "CANARY"}, "CanarySize is required when the traffic routing Type is CANARY."),
        ({"Type": "ALL_AT_ONCE", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}}, "CanarySize is not allowed"),
        ({"Type": "CANARY", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 3}}, "it is 75 percent"),
        ({"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 51}}, "it is 51 percent"),
        ({"Type": "LINEAR", "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 9}}, "it is 9 percent"),
        ({"Type": "LINEAR"}, "LinearStepSize is required"),
    ],
)
def test_a_step_of_traffic_must_fit_its_kind_and_the_fleet(engine: Engine, routing: dict[str, Any], text: str) -> None:
    policy = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"WaitIntervalInSeconds": 0, **routing}}}
    request = {"EndpointName": "E", "EndpointConfigName": "one", "DeploymentConfig": policy}
    assert text in engine.refused("UpdateEndpoint", **request)
    assert engine.state.endpoint("E").status is Status.IN_SERVICE


def test_the_timeout_must_exceed_the_waits(engine: Engine) -> None:
    policy = all_at_once(600, MaximumExecutionTimeoutInSeconds=600)
    text = engine.refused("UpdateEndpoint", EndpointName="E", EndpointConfigName="one", DeploymentConfig=policy)
    assert "MaximumExecutionTimeoutInSeconds (600) must exceed" in text


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ({"RollingUpdatePolicy": {}, "BlueGreenUpdatePolicy": {}}, "Only one of"),
        ({"RollingUpdatePolicy": _batches(3)}, "MaximumBatchSize must be between 5 and 50 percent"),
        (
            {"RollingUpdatePolicy": _batches(1, MaximumExecutionTimeoutInSeconds=1200, wait=300)},
            "MaximumExecutionTimeoutInSeconds (1200) must exceed",
        ),
    ],
)
def test_a_policy_is_never_taken_for_another(engine: Engine, policy: dict[str, Any], text: str) -> None:
    request = {"EndpointName": "E", "EndpointConfigName": "one", "DeploymentConfig": policy}
    assert text in engine.refused("UpdateEndpoint", **request)


def test_a_retained_deployment_config_excludes_a_given_one(engine: Engine) -> None:
    request = {"EndpointName": "E", "EndpointConfigName": "one", "RetainDeploymentConfig": True}
    assert "RetainDeploymentConfig" in engine.refused("UpdateEndpoint", **request, DeploymentConfig=all_at_once(1))


def test_pages_hold_ten_and_lead_to_the_next(engine: Engine) -> None:
    for number in range(25):
        engine.time += 1
        engine.model(f"x{number:02}")
    names: list[str] = []
    token: str | None = None
    pages = 0
    while pages == 0 or token:
        answer = engine.do("ListModels", NameContains="X", **({"NextToken": token} if token else {}))
        names += [item["ModelName"] for item in answer["Models"]]
        token, pages = answer["NextToken"], pages + 1
    assert names == [f"x{number:02}" for number in reversed(range(25))]
    assert pages == 3


@pytest.mark.parametrize("token", ["nonsense", "!", "YWJj"])
def test_a_token_from_elsewhere_is_refused(engine: Engine, token: str) -> None:
    assert engine.refused("ListModels", NextToken=token) == "Invalid pagination token."


def test_lists_are_filtered_and_sorted(engine: Engine) -> None:
    for name in ("b", "a", "c"):
        engine.time += 10
        engine.config(name)

    def listed(**request: Any) -> list[str]:
        found = engine.do("ListEndpointConfigs", **request)["EndpointConfigs"]
        return [item["EndpointConfigName"] for item in found]

    assert listed() == ["c", "a", "b", "one"]
    assert listed(SortBy="Name", SortOrder="Ascending") == ["a", "b", "c", "one"]
    assert listed(CreationTimeAfter=120.0, CreationTimeBefore=130.0) == ["a"]
    assert listed(MaxResults=2) == ["c", "a"]
    assert engine.do("ListEndpoints", StatusEquals="Failed")["Endpoints"] == []
    assert len(engine.do("ListEndpoints", StatusEquals="InService", LastModifiedTimeAfter=99.0)["Endpoints"]) == 1


def test_the_first_deployment_config_is_kept_for_later(engine: Engine) -> None:
    engine.do("CreateEndpoint", EndpointName="f", EndpointConfigName="one", DeploymentConfig=all_at_once(300))
    assert engine.do("DescribeEndpoint", EndpointName="f")["LastDeploymentConfig"] == all_at_once(300)


def test_a_resource_has_at_most_fifty_tags(engine: Engine) -> None:
    arn = f"{ARN}:model/m"
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    engine.do("AddTags", ResourceArn=arn, Tags=tags)
    engine.do("AddTags", ResourceArn=arn, Tags=[{"Key": "k0", "Value": "again"}])
    assert "at most 50" in engine.refused("AddTags", ResourceArn=arn, Tags=[{"Key": "new", "Value": ""}])
    assert "Could not find" in engine.refused("ListTags", ResourceArn=f"{ARN}:model/x")


def test_what_aws_has_and_drydock_has_not_is_an_unknown_operation(engine: Engine) -> None:
    with pytest.raises(ServiceError, match="CreateTrainingJob") as error:
        engine.do("CreateTrainingJob")
    assert error.value.code == "UnknownOperationException"


def test_a_config_in_use_can_go_and_the_endpoint_stays(engine: Engine) -> None:
    engine.do("DeleteEndpointConfig", EndpointConfigName="one")
    engine.do("DeleteModel", ModelName="m")
    described = engine.do("DescribeEndpoint", EndpointName="e")
    assert (described["EndpointName"], described["EndpointConfigName"]) == ("E", "one")

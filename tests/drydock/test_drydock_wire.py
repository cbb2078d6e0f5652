"""Requests and answers by botocore's service model."""

import json
from collections.abc import Iterator

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.operations.table import OPERATIONS
from drydock.sagemaker.rules import Rules
from drydock.sagemaker.wire import aws_json, constraints, java_patterns, rest, shapes

NAME = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


def refused(operation: str, **request: object) -> ServiceError:
    with pytest.raises(ServiceError) as error:
        aws_json.parse(operation, json.dumps(request).encode())
    return error.value


def test_a_name_that_breaks_the_pattern_is_refused_in_the_words_of_aws() -> None:
    error = refused("DescribeEndpoint", EndpointName="bad_name!")
    assert (error.code, error.status) == ("ValidationException", 400)
    assert error.message == (
        "1 validation error detected: Value 'bad_name!' at 'endpointName' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {NAME}"
    )


def test_all_failures_are_counted_and_named() -> None:
    error = refused("CreateEndpoint", EndpointName="_" * 64)
    assert error.message.startswith("3 validation errors detected: ")
    assert "Member must have length less than or equal to 63; " in error.message
    assert error.message.endswith(
        "Value null at 'endpointConfigName' failed to satisfy constraint: Member must not be null"
    )


@pytest.mark.parametrize(
    ("variant", "at", "failure"),
    [
        ({"InstanceType": "ml.t3.large"}, "'ml.t3.large' at '*.instanceType'", "satisfy enum value set: [ml."),
        ({"InitialInstanceCount": 0}, "'0' at '*.initialInstanceCount'", "have value greater than or equal to 1"),
        ({"VolumeSizeInGB": 513}, "'513' at '*.volumeSizeInGB'", "have value less than or equal to 512"),
        ({"RoutingConfig": {}}, "null at '*.routingConfig.routingStrategy'", "not be null"),
    ],
)
def test_a_constraint_inside_a_list_is_named_by_its_path(variant: dict[str, object], at: str, failure: str) -> None:
    variants = [{"VariantName": "v", **variant}]
    error = refused("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=variants)
    where = at.replace("*", "productionVariants.1.member")
    assert f"Value {where} failed to satisfy constraint: Member must {failure}" in error.message


def test_an_empty_list_and_a_map_with_a_bad_key_are_refused() -> None:
    empty = refused("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[])
    assert "Value '[]' at 'productionVariants'" in empty.message
    assert "Member must have length greater than or equal to 1" in empty.message
    bad = refused("CreateModel", ModelName="m", PrimaryContainer={"Environment": {"1x": "y"}})
    assert "at 'primaryContainer.environment' failed to satisfy constraint: Map keys must satisfy" in bad.message


def test_eleven_alarms_and_a_long_timeout_are_refused() -> None:
    policy = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "MaximumExecutionTimeoutInSeconds": 99999,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": f"a{number}"} for number in range(11)]},
    }
    error = refused("UpdateEndpoint", EndpointName="e", EndpointConfigName="c", DeploymentConfig=policy)
    assert error.message.startswith("2 validation errors detected")
    assert "'deploymentConfig.autoRollbackConfiguration.alarms'" in error.message


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "Could not parse"),
        (b'{"EndpointName": 3}', "NUMBER_VALUE can not be converted to a String"),
        (b"[]", "START_ARRAY can not be converted to a structure"),
        (b'{"EndpointName": ["x"]}', "START_ARRAY can not be converted to a String"),
    ],
)
def test_wrong_types_are_serialization_exceptions(body: bytes, text: str) -> None:
    with pytest.raises(ServiceError, match=text) as error:
        aws_json.parse("DescribeEndpoint", body)
    assert error.value.code == "SerializationException"


@pytest.mark.parametrize("number", ["1.5", "true", '"2"', "NaN", "1e999"])
def test_what_is_no_whole_number_is_no_maximum(number: str) -> None:
    with pytest.raises(ServiceError, match="can not be converted to a integer"):
        aws_json.parse("ListModels", f'{{"MaxResults": {number}}}'.encode())


def test_unknown_members_and_nulls_are_dropped() -> None:
    assert aws_json.parse("DescribeEndpoint", b'{"EndpointName": "e", "Other": 1}') == {"EndpointName": "e"}
    assert aws_json.parse("ListModels", b'{"NameContains": null}') == {}


@pytest.mark.parametrize("target", ["", "SageMaker.Fly", "CreateModel", "Other.CreateModel"])
def test_an_unknown_operation_is_told_so(target: str) -> None:
    with pytest.raises(ServiceError) as error:
        aws_json.operation_of({"x-amz-target": target})
    assert (error.value.code, error.value.status) == ("UnknownOperationException", 400)


def test_answers_carry_seconds_and_no_nulls() -> None:
    answer = aws_json.serialise(
        "DescribeModel", {"ModelName": "m", "CreationTime": 1767600000.12345, "VpcConfig": None}
    )
    assert json.loads(answer) == {"ModelName": "m", "CreationTime": 1767600000.123}
    assert aws_json.serialise("DeleteModel", {}) == b""


def test_every_pattern_of_every_offered_operation_compiles() -> None:
    inputs = [shapes.operation(shapes.CONTROL, name).input_shape for name in OPERATIONS]
    inputs.append(shapes.operation(shapes.RUNTIME, "InvokeEndpoint").input_shape)
    patterns = {pattern for shape in inputs if shape for pattern in _patterns(shape, ())}
    assert len(patterns) > 20
    for pattern in patterns:
        java_patterns.compiled(pattern)


@pytest.mark.parametrize(("key", "holds"), [("team", True), ("größe 1/2 @x", True), ("a\tb", False), ("a;b", False)])
def test_the_pattern_of_tags_is_translated(key: str, holds: bool) -> None:
    assert bool(java_patterns.compiled(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)").fullmatch(key)) is holds


def test_an_invocation_is_parsed_from_path_and_headers() -> None:
    assert rest.target_of("/endpoints/churn/invocations") == (rest.INVOKE, "churn")
    assert rest.target_of("/endpoints/churn/invocations-response-stream") == (rest.STREAM, "churn")
    assert rest.target_of("/endpoints/churn/async-invocations") == (rest.ASYNC, "churn")
    for path in ("/endpoints/churn/other-invocations", "/endpoints/a/b/invocations", "/endpoints//invocations", "/"):
        assert rest.target_of(path) is None
    headers = {"content-type": "text/csv", "x-amzn-sagemaker-target-variant": "main", "x-other": "1"}
    assert rest.parse(rest.INVOKE, "churn", headers, b"1") == {
        "EndpointName": "churn",
        "Body": b"1",
        "ContentType": "text/csv",
        "TargetVariant": "main",
    }


@pytest.mark.parametrize(
    "headers",
    [{"x-amzn-sagemaker-custom-attributes": "ü"}, {"accept": "x" * 1025}, {"x-amzn-sagemaker-target-variant": "_"}],
)
def test_headers_are_checked_too(headers: dict[str, str]) -> None:
    with pytest.raises(ServiceError, match="1 validation error detected") as error:
        rest.parse(rest.INVOKE, "churn", headers, b"")
    assert error.value.code == "ValidationError"


def test_a_body_above_six_mebibytes_is_too_large() -> None:
    body = b"x" * Rules.largest_body
    rest.parse(rest.INVOKE, "churn", {}, body)
    with pytest.raises(ServiceError) as error:
        rest.parse(rest.INVOKE, "churn", {}, body + b"x")
    assert error.value.status == 413
    assert rest.parse(rest.INVOKE, "churn", {}, body + b"x", len(body) + 1)["Body"] == body + b"x"


def test_a_valid_request_has_no_failures() -> None:
    shape = shapes.operation(shapes.CONTROL, "DescribeEndpoint").input_shape
    assert shape is not None
    assert not list(constraints.failures(shape, {"EndpointName": "a-b"}, ""))


def _patterns(shape: Shape, above: tuple[str, ...]) -> Iterator[str]:
    if shape.name in above:
        return
    if "pattern" in shape.metadata:
        yield shape.metadata["pattern"]
    inner: list[Shape] = []
    if isinstance(shape, StructureShape):
        inner = list(shape.members.values())
    elif isinstance(shape, ListShape):
        inner = [shape.member]
    elif isinstance(shape, MapShape):
        inner = [shape.key, shape.value]
    for each in inner:
        yield from _patterns(each, (*above, shape.name))

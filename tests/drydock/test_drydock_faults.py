"""Planned faults: the plan, its HTTP door, and what each does to a client."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting, all_at_once

from drydock.sagemaker.faults import Fault, FaultKind, FaultPlan, InvalidFaultError, read_fault


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.config("one")
        running.config("two")
        yield running


def plan(hosting: LocalHosting, kind: str, **more: Any) -> str:
    return hosting.service.faults.add(read_fault({"kind": kind, **more}))


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_fault_strikes_the_nth_call_and_as_often_as_told() -> None:
    faults = FaultPlan()
    faults.add(Fault(FaultKind.THROTTLE, operation="DescribeEndpoint", nth=2, times=2))
    struck = [bool(faults.strike_call("DescribeEndpoint", "e")) for _ in range(5)]
    assert struck == [False, True, True, False, False]
    assert not faults.strike_call("DeleteEndpoint", "e")


def test_a_fault_without_end_strikes_until_it_is_cleared() -> None:
    faults = FaultPlan()
    name = faults.add(Fault(FaultKind.ERROR, endpoint="E", times=0))
    assert all(faults.strike_call("DescribeEndpoint", "e") for _ in range(5))
    assert not faults.strike_call("DescribeEndpoint", "other")
    assert faults.show()[0]["chances"] == 5
    faults.clear(name)
    assert not faults.strike_call("DescribeEndpoint", "e")


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"kind": "flood"},
        {"kind": "throttle", "x": 1},
        {"kind": "delay", "seconds": "1"},
        {"kind": "delay", "nth": True},
    ],
)
def test_what_describes_no_fault_is_refused(document: object) -> None:
    with pytest.raises(InvalidFaultError):
        read_fault(document)


def test_the_door_adds_lists_and_clears(hosting: LocalHosting) -> None:
    added = _call(hosting, "POST", b'{"kind": "throttle", "operation": "ListModels", "times": 0}')
    assert [fault["id"] for fault in _call(hosting, "GET")["faults"]] == [added["id"]]
    with pytest.raises(ClientError) as error:
        hosting.sagemaker.list_models()
    assert (code(error), str(error.value)) == ("ThrottlingException", str(error.value))
    _call(hosting, "DELETE", query=f"?id={added['id']}")
    assert hosting.sagemaker.list_models()["Models"]
    _call(hosting, "POST", b'{"kind": "stuck"}')
    _call(hosting, "DELETE")
    assert _call(hosting, "GET")["faults"] == []
    with pytest.raises(HTTPError, match="400"):
        _call(hosting, "POST", b"{")
    with pytest.raises(HTTPError, match="405"):
        _call(hosting, "PUT")


def test_an_error_strikes_before_the_effect(hosting: LocalHosting) -> None:
    plan(hosting, "error", operation="CreateEndpoint", code="ResourceLimitExceeded", status=400, message="no")
    with pytest.raises(hosting.sagemaker.exceptions.ResourceLimitExceeded, match="no"):
        hosting.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="one")
    assert hosting.sagemaker.list_endpoints()["Endpoints"] == []


def test_a_lost_response_has_had_its_effect(hosting: LocalHosting) -> None:
    plan(hosting, "lose_response", operation="CreateEndpoint")
    with pytest.raises(ClientError) as error:
        hosting.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="one")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert hosting.settled("e")["EndpointStatus"] == "InService"


def test_a_delay_holds_one_call_and_no_other(hosting: LocalHosting) -> None:
    plan(hosting, "delay", operation="ListModels", seconds=0.2)
    began = time.monotonic()
    hosting.sagemaker.list_endpoints()
    assert time.monotonic() - began < 0.2
    hosting.sagemaker.list_models()
    assert time.monotonic() - began >= 0.2


def test_what_was_just_created_cannot_be_read_for_a_while(hosting: LocalHosting) -> None:
    hosting.model("m")
    plan(hosting, "stale_read", operation="CreateEndpointConfig", seconds=0.3)
    variant = {"VariantName": "main", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="new", ProductionVariants=[variant])
    end = time.monotonic() + 0.25
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        hosting.sagemaker.describe_endpoint_config(EndpointConfigName="new")
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        hosting.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="new")
    time.sleep(max(0.0, end + 0.1 - time.monotonic()))
    assert hosting.endpoint("e", "new")["EndpointStatus"] == "InService"


def test_an_update_cannot_be_seen_for_a_while(hosting: LocalHosting) -> None:
    before = hosting.endpoint("e", "one")
    plan(hosting, "stale_read", operation="UpdateEndpoint", seconds=0.3)
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    stale = hosting.sagemaker.describe_endpoint(EndpointName="e")
    assert (stale["EndpointStatus"], stale["EndpointConfigName"]) == ("InService", "one")
    assert stale["LastModifiedTime"] == before["LastModifiedTime"]
    hosting.wait("e", lambda seen: seen["EndpointConfigName"] == "two")


def test_a_foreign_writer_comes_first(hosting: LocalHosting) -> None:
    hosting.endpoint("e", "one")
    hosting.config("theirs")
    plan(hosting, "foreign_writer", operation="UpdateEndpoint", config="theirs")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    assert hosting.settled("e")["EndpointConfigName"] == "theirs"


def test_without_capacity_the_first_try_fails_and_the_second_works(hosting: LocalHosting) -> None:
    plan(hosting, "no_capacity", endpoint="e")
    failed = hosting.endpoint("e", "one")
    assert failed["EndpointStatus"] == "Failed"
    assert "InsufficientInstanceCapacity" in failed["FailureReason"]
    assert not hosting.launcher.instances
    hosting.sagemaker.delete_endpoint(EndpointName="e")
    hosting.sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName="e", WaiterConfig={"Delay": 0, "MaxAttempts": 1000}
    )
    assert hosting.endpoint("e", "one")["EndpointStatus"] == "InService"


def test_a_fleet_that_is_never_ready_fails_the_update(hosting: LocalHosting) -> None:
    hosting.endpoint("e", "one")
    hosting.config("quick", ContainerStartupHealthCheckTimeoutInSeconds=60)
    plan(hosting, "never_ready")
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="quick")
    settled = hosting.settled("e")
    assert settled["EndpointConfigName"] == "one"
    assert "ping health check" in settled["FailureReason"]


def test_a_silent_rollback_has_no_reason(hosting: LocalHosting) -> None:
    hosting.endpoint("e", "one")
    plan(hosting, "silent_rollback")
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two", DeploymentConfig=all_at_once(3600))
    settled = hosting.settled("e")
    assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("InService", "one")
    assert "FailureReason" not in settled


def test_a_stuck_deployment_moves_when_the_fault_is_cleared(hosting: LocalHosting) -> None:
    name = plan(hosting, "stuck")
    hosting.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="one")
    time.sleep(0.2)
    assert hosting.sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Creating"
    hosting.service.faults.clear(name)
    assert hosting.settled("e")["EndpointStatus"] == "InService"


def test_invocations_can_be_struck_too(hosting: LocalHosting) -> None:
    hosting.endpoint("e", "one")
    plan(hosting, "error", operation="InvokeEndpoint", nth=2, code="InternalDependencyException", status=530)
    hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")
    with pytest.raises(ClientError) as error:
        hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 530
    hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")


def _call(hosting: LocalHosting, method: str, body: bytes | None = None, query: str = "") -> dict[str, Any]:
    request = Request(f"{hosting.url}/_drydock/faults{query}", body, method=method)  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310
        return dict(json.loads(answer.read()))

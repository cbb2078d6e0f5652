"""Planned faults that show in statuses, reasons and events."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting, eventually

from drydock.sagemaker.rules import Rules

ENDPOINT = "SageMaker Endpoint State Change"


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    """An endpoint `e` in service on config `one`; bringing up a fleet takes a tenth of a second."""
    with LocalHosting(provisioning_seconds=60.0) as running:
        for name in ("one", "two"):
            running.config(name)
        running.endpoint("e", "one")
        yield running


def status(hosting: LocalHosting, *names: str) -> dict[str, Any]:
    return hosting.wait("e", lambda seen: seen["EndpointStatus"] in names)


def told(hosting: LocalHosting) -> list[str]:
    return [detail["EndpointStatus"] for detail in hosting.surroundings.details(ENDPOINT)]


@pytest.mark.parametrize(
    ("kind", "name", "serves"), [("system_update", "SystemUpdating", True), ("out_of_service", "OutOfService", False)]
)
def test_an_endpoint_at_rest_is_struck_until_the_fault_is_removed(
    hosting: LocalHosting, kind: str, name: str, serves: bool
) -> None:
    planned = hosting.fault(kind, endpoint="e")
    status(hosting, name)
    if serves:
        assert hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")["Body"].read() == b"x"
    else:
        with pytest.raises(ClientError, match="not found"):
            hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")
    with pytest.raises(ClientError, match="Cannot update"):
        hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    hosting.ask("DELETE", f"faults?id={planned}")
    status(hosting, "InService")
    assert told(hosting)[-2:] == [{"SystemUpdating": "SYSTEM_UPDATING"}.get(name, "OUT_OF_SERVICE"), "IN_SERVICE"]


def test_maintenance_ends_when_its_time_is_over(hosting: LocalHosting) -> None:
    hosting.fault("system_update", seconds=0.1)
    status(hosting, "SystemUpdating")
    status(hosting, "InService")


def test_an_endpoint_out_of_service_can_be_deleted(hosting: LocalHosting) -> None:
    hosting.fault("out_of_service")
    status(hosting, "OutOfService")
    hosting.sagemaker.delete_endpoint(EndpointName="e")
    eventually(lambda: not hosting.sagemaker.list_endpoints()["Endpoints"])


def test_a_capacity_change_that_fails_is_rolling_back_then_in_service_as_before(hosting: LocalHosting) -> None:
    hosting.fault("no_capacity")
    wanted = [{"VariantName": "main", "DesiredInstanceCount": 3, "DesiredWeight": 2.0}]
    hosting.sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=wanted)
    status(hosting, "RollingBack")
    with pytest.raises(ClientError, match="in-progress"):
        hosting.sagemaker.delete_endpoint(EndpointName="e")
    settled = hosting.settled("e")
    (variant,) = settled["ProductionVariants"]
    assert (variant["DesiredInstanceCount"], variant["CurrentWeight"]) == (1, 1.0)
    assert "InsufficientInstanceCapacity" in settled["FailureReason"]
    assert told(hosting)[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    hosting.sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=wanted)
    assert hosting.settled("e")["ProductionVariants"][0]["CurrentInstanceCount"] == 3


def test_an_update_may_end_failed(hosting: LocalHosting) -> None:
    hosting.fault("update_fails")
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    assert hosting.settled("e")["EndpointStatus"] == "Failed"


def test_the_reason_of_a_failure_may_be_missing(hosting: LocalHosting) -> None:
    hosting.fault("missing_reason")
    hosting.fault("no_capacity")
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    settled = hosting.settled("e")
    assert settled["EndpointConfigName"] == "one"
    assert "FailureReason" not in settled


def test_the_reason_of_a_failure_may_vanish(hosting: LocalHosting) -> None:
    hosting.fault("vanishing_reason", seconds=0.2)
    hosting.fault("no_capacity")
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    assert "FailureReason" in hosting.settled("e")
    hosting.wait("e", lambda seen: "FailureReason" not in seen)


def test_a_reason_may_be_there_although_all_went_well(hosting: LocalHosting) -> None:
    hosting.fault("odd_reason", message="Scaling is slow.")
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    settled = hosting.settled("e")
    assert (settled["EndpointConfigName"], settled["FailureReason"]) == ("two", "Scaling is slow.")


def test_an_event_may_be_dropped(hosting: LocalHosting) -> None:
    hosting.surroundings.events.clear()
    hosting.fault("drop_event", operation=ENDPOINT, endpoint="e")
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    hosting.settled("e")
    assert told(hosting) == ["IN_SERVICE"]


def test_an_event_may_come_twice(hosting: LocalHosting) -> None:
    hosting.surroundings.events.clear()
    hosting.fault("duplicate_event", operation=ENDPOINT)
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    hosting.settled("e")
    assert told(hosting) == ["UPDATING", "UPDATING", "IN_SERVICE"]


def test_an_event_may_come_late(hosting: LocalHosting) -> None:
    hosting.surroundings.events.clear()
    hosting.fault("delay_event", operation=ENDPOINT, seconds=0.5)
    began = time.monotonic()
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    eventually(lambda: "UPDATING" in told(hosting))
    assert time.monotonic() - began >= 0.5
    assert told(hosting) == ["IN_SERVICE", "UPDATING"]


def test_an_event_may_come_after_the_next_one(hosting: LocalHosting) -> None:
    hosting.settled("e")
    hosting.surroundings.events.clear()
    hosting.fault("reorder_event", operation=ENDPOINT, seconds=60.0)
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two")
    hosting.settled("e")
    kinds = [kind for kind, _, _ in hosting.surroundings.events]
    assert kinds[1] == ENDPOINT
    assert hosting.surroundings.events[1][2]["EndpointStatus"] == "UPDATING"


def test_an_event_held_back_comes_at_last_when_no_other_follows(hosting: LocalHosting) -> None:
    hosting.surroundings.events.clear()
    hosting.fault("reorder_event", seconds=0.1)
    hosting.model("alone")
    assert not hosting.surroundings.events
    eventually(lambda: len(hosting.surroundings.events) == 1)


def test_the_door_to_the_rules_shows_changes_and_forgets(hosting: LocalHosting) -> None:
    defaults = hosting.ask("GET", "rules")
    assert defaults == Rules().document()
    hosting.ask("POST", "rules", {"refuse_same_config": True})
    with pytest.raises(ClientError, match="already"):
        hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="one")
    assert hosting.ask("DELETE", "rules") == defaults
    for document in ([], {"x": 1}, {"deletion_in_use": "maybe"}, {"refuse_same_config": 1}):
        with pytest.raises(HTTPError, match="400"):
            hosting.ask("POST", "rules", document)
    with pytest.raises(HTTPError, match="405"):
        hosting.ask("PUT", "rules")

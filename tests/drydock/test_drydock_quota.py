"""The account's quota of instances behind endpoints: who takes how many, and what AWS says to one too many."""

from typing import Any

import pytest
from engine_house import House
from hosting_support import rolling

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.operations.endpoints import create_endpoint, update_weights
from drydock.sagemaker.rules import Rules


def live(quota: int) -> House:
    """An endpoint in service with four instances."""
    return House(rules=Rules(quotas={"ml.m5.large": quota})).live()


def refused(operation: Any, *given: Any, **request: Any) -> str:
    with pytest.raises(ServiceError) as error:
        operation(*given, **request)
    assert (error.value.code, error.value.status) == ("ResourceLimitExceeded", 400)
    return error.value.message


def test_a_blue_green_update_needs_both_fleets_at_once() -> None:
    house = live(7)
    assert refused(house.update) == (
        "The account-level service limit 'ml.m5.large for endpoint usage' is 7 Instances, with current utilization of "
        "4 Instances and a request delta of 4 Instances. Please use AWS Service Quotas to request an increase for this "
        "quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )
    assert (house.status, house.endpoint.deployment) == ("InService", None)
    live(8).update()


def test_a_rolling_update_needs_one_batch_more() -> None:
    assert "request delta of 2 Instances" in refused(live(5).update, rolling(2))
    live(6).update(rolling(2))


def test_instances_that_are_gone_are_free_again() -> None:
    house = live(8)
    house.update()
    house.up()
    assert house.go() == "InService"
    house.update(config="one")


def test_a_second_endpoint_and_its_shadow_count_too() -> None:
    house = live(11)
    house.config("dark", "main", shadow="dark")
    request = {"EndpointName": "f", "EndpointConfigName": "dark"}
    assert "delta of 8 Instances" in refused(create_endpoint, house.state, request)
    assert "f" not in house.state.endpoints
    create_endpoint(house.state, request | {"EndpointConfigName": "one"})


def test_scaling_out_needs_what_it_adds_and_scaling_in_nothing() -> None:
    house = live(6)

    def scale(count: int) -> None:
        wanted = [{"VariantName": "main", "DesiredInstanceCount": count}]
        update_weights(house.state, {"EndpointName": "e", "DesiredWeightsAndCapacities": wanted})

    assert "delta of 3 Instances" in refused(scale, 7)
    scale(6)
    assert house.go() == "provisioning"
    house.up()
    assert house.go() == "InService"
    scale(1)


def test_types_without_a_quota_are_unlimited() -> None:
    house = House(rules=Rules(quotas={"ml.c5.large": 0})).live()
    house.update()

"""Rolling deployments: batch by batch forwards, batch by batch back, and stranded where the way back is closed."""

from typing import Any

import pytest
from engine_house import House
from hosting_support import all_at_once, rolling

from drydock.sagemaker.deployment.describe import describe
from drydock.sagemaker.deployment.rolling import plan_batches
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.operations.endpoints import update_weights
from drydock.sagemaker.runtime.traffic import fleet_shares


@pytest.fixture
def house() -> House:
    """An endpoint in service with four instances."""
    return House().live()


def shares(house: House) -> dict[str, float]:
    return {fleet.config_name: share for fleet, share in fleet_shares(house.endpoint) if share}


def bake(house: House) -> None:
    """Let the batch that is ordered come up, and bake."""
    house.up()
    assert house.go() == "baking"


def test_a_batch_comes_takes_its_part_bakes_and_only_then_old_ones_go(house: House) -> None:
    house.update(rolling(2))
    assert house.go() == "provisioning"
    assert house.counts() == [(4, 4), (2, 0)]
    assert shares(house) == {"one": 1.0}
    bake(house)
    assert house.counts() == [(4, 4), (2, 2)]
    assert shares(house) == {"one": 0.5, "two": 0.5}
    house.time += 6
    assert house.go() == "provisioning"
    assert house.counts() == [(2, 4), (4, 2)]
    bake(house)
    assert shares(house) == {"two": 1.0}
    house.time += 6
    assert house.go() == "InService"
    assert (house.endpoint.config_name, house.counts()) == ("two", [(4, 4)])
    assert house.phases() == [
        *("Creating", "ActivatingTraffic", "Baking", "-"),
        *("Creating", "ActivatingTraffic", "Baking", "-"),
    ]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ({"Type": "INSTANCE_COUNT", "Value": 1}, [0.25, 0.5, 0.75, 1.0]),
        ({"Type": "CAPACITY_PERCENT", "Value": 50}, [0.5, 1.0]),
        ({"Type": "CAPACITY_PERCENT", "Value": 5}, [0.25, 0.5, 0.75, 1.0]),
    ],
)
def test_there_are_as_many_batches_as_it_takes_of_one_instance_at_least(
    size: dict[str, Any], expected: list[float]
) -> None:
    steps = plan_batches({"MaximumBatchSize": size, "WaitIntervalInSeconds": 30}, 4)
    assert [step.share for step in steps] == expected
    assert {step.bake_seconds for step in steps} == {30.0}


def test_the_texts_tell_of_the_batch(house: House) -> None:
    def told() -> tuple[Any, Any]:
        seen = describe(house.endpoint)
        pending = seen["PendingDeploymentSummary"]["ProductionVariants"][0]
        return pending["VariantStatus"][0]["StatusMessage"], pending["CurrentInstanceCount"]

    house.update(rolling(2))
    assert told() == ("Launching 2 instance(s).", 0)
    bake(house)
    text = "Baking for 60 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 2 instance(s)."
    assert told() == (text, 2)
    house.time += 6
    house.go()
    old = describe(house.endpoint)["ProductionVariants"][0]
    assert (old["CurrentInstanceCount"], old["DesiredInstanceCount"]) == (2, 4)


def test_an_alarm_in_a_later_bake_brings_the_old_fleet_back_first(house: House) -> None:
    house.update(rolling(1, 60, 0, "guard"))
    for _ in range(2):
        bake(house)
        house.time += 6
        house.go()
    bake(house)
    assert house.counts() == [(2, 2), (3, 3)]
    assert house.go(("guard",)) == "rolling back"
    assert shares(house) == {"one": 0.25, "two": 0.75}
    assert house.counts() == [(4, 2), (3, 3)]
    house.up()
    assert house.go() == "InService"
    assert (house.endpoint.config_name, house.counts(), shares(house)) == ("one", [(4, 4)], {"one": 1.0})
    assert "guard" in house.endpoint.failure_reason


def test_the_way_back_keeps_to_its_own_batch_size(house: House) -> None:
    house.update(rolling(2, 60, 1, "guard"))
    bake(house)
    house.time += 6
    house.go()
    bake(house)
    assert house.go(("guard",)) == "rolling back"
    assert house.counts() == [(3, 2), (4, 4)]
    house.up()
    assert house.go() == "rolling back"
    assert (shares(house), house.counts()) == ({"one": 0.75, "two": 0.25}, [(4, 3), (1, 4)])
    house.up()
    assert house.go() == "InService"
    assert house.endpoint.config_name == "one"


def test_a_batch_that_cannot_start_turns_back(house: House) -> None:
    house.update(rolling(1))
    bake(house)
    house.time += 6
    house.go()
    house.drain()
    house.fail("no capacity")
    assert house.go() == "rolling back"
    house.up()
    assert house.go() == "InService"
    assert (house.endpoint.config_name, house.endpoint.failure_reason) == ("one", "no capacity")


def test_a_timeout_turns_back_too(house: House) -> None:
    house.update(rolling(1, 60, 0, MaximumExecutionTimeoutInSeconds=600))
    house.go()
    house.time += 60.1
    assert house.go() == "InService"
    assert "MaximumExecutionTimeoutInSeconds" in house.endpoint.failure_reason


@pytest.mark.parametrize("planned", [True, False])
def test_a_rollback_that_fails_leaves_both_fleets_serving(house: House, planned: bool) -> None:
    strand(house, planned=planned)
    assert house.status == "UpdateRollbackFailed"
    assert shares(house) == {"one": 0.5, "two": 0.5}
    assert house.counts() == [(2, 2), (2, 2)]
    assert house.endpoint.config_name == "one"
    assert house.endpoint.failure_reason
    assert "PendingDeploymentSummary" not in {key for key, value in describe(house.endpoint).items() if value}


def test_an_update_gets_a_stranded_endpoint_in_service_again(house: House) -> None:
    strand(house)
    house.config("three", "main")
    house.update(all_at_once(60), config="three")
    bake(house)
    assert shares(house) == {"three": 1.0}
    house.time += 6
    assert house.go() == "InService"
    assert (house.endpoint.config_name, len(house.endpoint.fleets)) == ("three", 1)


def test_a_stranded_endpoint_stays_so_when_its_next_update_fails(house: House) -> None:
    strand(house)
    house.config("three", "main")
    house.update(all_at_once(60), config="three")
    house.fail("no")
    assert house.go() == "UpdateRollbackFailed"
    assert shares(house) == {"one": 0.5, "two": 0.5}


def test_a_rolling_update_repairs_a_stranded_endpoint_forwards_and_back(house: House) -> None:
    strand(house)
    house.config("three", "main")
    house.update(rolling(2), config="three")
    bake(house)
    assert shares(house) == {"one": 0.25, "two": 0.25, "three": 0.5}
    assert house.go(silent_failure=True) == "rolling back"
    house.up()
    assert house.go() == "InService"
    assert (house.counts(), shares(house)) == ([(4, 4)], {"one": 1.0})


def test_a_stranded_endpoint_cannot_be_rescaled(house: House) -> None:
    strand(house)
    wanted = [{"VariantName": "main", "DesiredInstanceCount": 9}]
    with pytest.raises(ServiceError, match="UpdateRollbackFailed"):
        update_weights(house.state, {"EndpointName": "e", "DesiredWeightsAndCapacities": wanted})


def test_the_variants_keep_the_whole_count_when_stranded(house: House) -> None:
    strand(house)
    house.update(RetainAllVariantProperties=True)
    assert house.endpoint.green and house.endpoint.green.variants["main"].count == 4


def test_several_variants_are_updated_all_at_once_without_a_bake(house: House) -> None:
    house.config("pair", "a", "b")
    house.config("pair-2", "a", "b")
    house.update(config="pair")
    house.up()
    assert house.go() == "InService"
    house.state.outbox.clear()
    house.update(rolling(1), config="pair-2")
    house.up()
    assert house.go() == "InService"
    assert (house.endpoint.config_name, house.phases()) == ("pair-2", [])


def strand(house: House, *, planned: bool = True) -> None:
    """Half way through, turn back, and fail on the way."""
    house.update(rolling(2))
    bake(house)
    house.time += 6
    house.go()
    house.drain()
    house.fail("no capacity")
    assert house.go(rollback_fails=planned) == ("UpdateRollbackFailed" if planned else "rolling back")
    if not planned:
        house.fail("Model data is gone.", old=True)
        assert house.go() == "UpdateRollbackFailed"

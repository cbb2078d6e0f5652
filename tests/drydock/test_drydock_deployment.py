"""The state machine of a deployment, on a clock that stands still until it is told."""

import pytest
from engine_house import House
from hosting_support import all_at_once, stepwise

from drydock.sagemaker.deployment.describe import describe
from drydock.sagemaker.deployment.machine import advance, due
from drydock.sagemaker.deployment.planning import plan_steps
from drydock.sagemaker.deployment.transitions import Sight
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.model import Endpoint, Fleet, Phase
from drydock.sagemaker.memory.statuses import Status
from drydock.sagemaker.operations.endpoints import update_weights
from drydock.sagemaker.operations.models_and_configs import delete_config, delete_model
from drydock.sagemaker.rules import OnDeletion, Rules


def fleet(endpoint: Endpoint) -> Fleet:
    assert endpoint.fleet
    return endpoint.fleet


def test_an_endpoint_is_in_service_once_every_instance_is_healthy() -> None:
    house = House()
    assert house.go() == "provisioning"
    assert house.endpoint.status is Status.CREATING
    house.up()
    assert house.go() == "InService"
    assert fleet(house.endpoint).config_name == "one"


def test_provisioning_takes_its_time_divided_by_the_scale() -> None:
    house = House(provisioning_seconds=100)
    house.up()
    assert house.go() == "provisioning"
    assert due(house.state, house.endpoint) == house.time + 10
    house.time += 10
    assert house.go() == "InService"
    assert due(house.state, house.endpoint) is None


def test_a_failed_creation_keeps_the_requested_config_and_says_why() -> None:
    house = House()
    deployment = house.endpoint.deployment
    assert deployment and deployment.green
    deployment.green.failure = "no"
    assert house.go() == "Failed"
    assert (house.endpoint.config_name, house.endpoint.failure_reason) == ("one", "no")


def test_all_at_once_bakes_then_flips_the_config() -> None:
    house = House().live()
    house.update(all_at_once(300))
    house.up()
    assert house.go() == "baking"
    assert (house.share(), house.endpoint.config_name) == (1.0, "one")
    house.time += 29.9
    assert house.go() == "baking"
    house.time += 0.2
    assert house.go() == "InService"
    assert house.endpoint.config_name == "two"
    assert house.phases() == ["Creating", "ActivatingTraffic", "Baking", "-"]


def test_an_update_without_a_policy_does_not_bake() -> None:
    house = House().live()
    house.update()
    house.up()
    assert house.go() == "InService"
    assert house.phases() == ["Creating", "ActivatingTraffic", "-"]


def test_a_canary_takes_its_part_and_then_everything() -> None:
    house = House().live()
    house.update(stepwise("CANARY", 60, 120, CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}))
    house.up()
    assert house.go() == "baking"
    assert house.share() == 0.25
    summary = describe(house.endpoint)["PendingDeploymentSummary"]["ProductionVariants"][0]
    assert (summary["CurrentInstanceCount"], summary["DesiredInstanceCount"]) == (1, 4)
    assert summary["VariantStatus"][0]["StatusMessage"] == (
        "Baking for 60 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 1 instance(s)."
    )
    house.time += 6
    assert house.go() == "baking"
    assert house.share() == 1.0
    house.time += 12
    assert house.go() == "InService"


def test_linear_steps_are_as_many_as_it_takes() -> None:
    policy = stepwise("LINEAR", 60, 120, LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 30})
    steps = plan_steps(policy["BlueGreenUpdatePolicy"], 4)
    assert [round(step.share, 9) for step in steps] == [0.3, 0.6, 0.9, 1.0]
    assert [step.bake_seconds for step in steps] == [60, 60, 60, 120]


def test_a_step_counted_in_instances_means_those_of_each_variant() -> None:
    house = House().live()
    for name in ("pair", "pair-2"):
        house.config(name, "a", "b")
    house.update(config="pair")
    house.live()
    policy = stepwise("CANARY", 60, 120, CanarySize={"Type": "INSTANCE_COUNT", "Value": 2})
    house.update(policy, config="pair-2")
    house.up()
    assert house.go() == "baking"
    variants = describe(house.endpoint)["PendingDeploymentSummary"]["ProductionVariants"]
    assert (house.share(), [variant["CurrentInstanceCount"] for variant in variants]) == (0.5, [2, 2])


def test_half_steps_are_two() -> None:
    policy = stepwise("LINEAR", 60, 120, LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 2})
    assert [step.share for step in plan_steps(policy["BlueGreenUpdatePolicy"], 4)] == [0.5, 1.0]


def test_a_ringing_alarm_in_a_bake_puts_all_traffic_back() -> None:
    house = House().live()
    house.update(all_at_once(300, "guard"))
    house.up()
    assert house.go() == "baking"
    assert advance(house.state, house.endpoint, Sight(["guard"]))
    assert (house.endpoint.status, house.share()) == (Status.UPDATING, 0.0)
    assert house.go() == "InService"
    assert house.endpoint.config_name == "one"
    assert "guard" in house.endpoint.failure_reason
    assert house.phases()[-1] == "Deleting"


def test_an_alarm_before_the_bake_is_not_looked_at() -> None:
    house = House().live()
    house.update(all_at_once(300, "guard"))
    assert house.go(("guard",)) == "provisioning"
    house.up()
    assert house.go(("guard",)) == "InService"
    assert house.endpoint.config_name == "one"


def test_a_silent_rollback_leaves_no_reason() -> None:
    house = House().live()
    house.update(all_at_once(300))
    house.up()
    assert house.go(silent_failure=True) == "InService"
    assert (house.endpoint.config_name, house.endpoint.failure_reason) == ("one", "")


@pytest.mark.parametrize("up", [True, False])
def test_a_deployment_that_exceeds_its_timeout_turns_back(up: bool) -> None:
    house = House().live()
    house.update(all_at_once(599, MaximumExecutionTimeoutInSeconds=600))
    if up:
        house.time += 10
        house.up()
    house.go()
    house.time += 60.1 if not up else 50.1
    assert house.go() == "InService"
    assert house.endpoint.config_name == "one"
    assert "MaximumExecutionTimeoutInSeconds" in house.endpoint.failure_reason


def test_a_new_fleet_that_cannot_start_leaves_the_old_one() -> None:
    house = House().live()
    house.update(all_at_once(300))
    deployment = house.endpoint.deployment
    assert deployment and deployment.green
    deployment.green.failure = "no"
    assert house.go() == "InService"
    assert (house.endpoint.config_name, house.endpoint.failure_reason) == ("one", "no")


def test_changed_variant_names_fall_back_to_all_at_once_without_a_bake() -> None:
    house = House().live()
    house.config("three", "other")
    house.update(all_at_once(300, "guard"), config="three")
    house.up()
    house.state.outbox.clear()
    assert house.go(("guard",)) == "InService"
    assert house.endpoint.config_name == "three"
    assert house.phases() == []


def test_the_variants_keep_weight_and_count_when_asked_to() -> None:
    house = House().live()
    main = fleet(house.endpoint).variants["main"]
    main.weight, main.count = 3.0, 7
    exclude = [{"VariantPropertyType": "DesiredWeight"}]
    house.update(RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=exclude)
    deployment = house.endpoint.deployment
    assert deployment and deployment.green
    green = deployment.green.variants["main"]
    assert (green.weight, green.count) == (1.0, 7)


def test_the_last_deployment_config_is_used_again_when_asked_to() -> None:
    house = House().live()
    house.update(all_at_once(300))
    house.up()
    house.go()
    house.time += 30
    assert house.go() == "InService"
    house.update(config="one", RetainDeploymentConfig=True)
    house.up()
    assert house.go() == "baking"
    assert describe(house.endpoint)["LastDeploymentConfig"] == all_at_once(300)


def test_a_rescale_that_fails_rolls_back_to_the_old_values() -> None:
    house = House().live()
    wanted = [{"VariantName": "main", "DesiredInstanceCount": 9, "DesiredWeight": 2.0}]
    update_weights(house.state, {"EndpointName": "e", "DesiredWeightsAndCapacities": wanted})
    seen = describe(house.endpoint)["ProductionVariants"][0]
    assert (seen["CurrentInstanceCount"], seen["DesiredInstanceCount"]) == (4, 9)
    assert seen["VariantStatus"][0]["StatusMessage"] == "Scaling out desired instance count to 9."
    assert house.go() == "provisioning"
    fleet(house.endpoint).failure = "no capacity"
    assert advance(house.state, house.endpoint, Sight())
    assert house.endpoint.status is Status.ROLLING_BACK
    assert house.go() == "InService"
    seen = describe(house.endpoint)["ProductionVariants"][0]
    assert (seen["CurrentInstanceCount"], seen["CurrentWeight"]) == (4, 1.0)
    assert house.endpoint.failure_reason == "no capacity"


def test_the_clock_of_the_phase_is_that_of_its_beginning() -> None:
    house = House().live()
    house.update(all_at_once(300))
    house.time += 5
    house.up()
    house.go()
    deployment = house.endpoint.deployment
    assert deployment and deployment.phase is Phase.BAKING
    assert (deployment.started, deployment.entered) == (house.time - 5, house.time)
    assert house.endpoint.modified == house.time


def test_inf1_instances_are_updated_all_at_once_without_a_bake_and_without_events() -> None:
    house = House().live()
    house.config("inf", "main", instance_type="ml.inf1.xlarge")
    house.state.outbox.clear()
    house.update(all_at_once(300, "guard"), config="inf")
    house.up()
    assert house.go(("guard",)) == "InService"
    assert (house.endpoint.config_name, house.phases()) == ("inf", [])


@pytest.mark.parametrize("config", ["one", "two"])
def test_deleting_a_config_that_an_update_needs_breaks_the_update(config: str) -> None:
    house = House().live()
    house.update(all_at_once(300))
    house.up()
    assert house.go() == "baking"
    delete_config(house.state, {"EndpointConfigName": config})
    assert house.go() == "InService"
    assert house.endpoint.config_name == "one"
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/{config}"
    assert house.endpoint.failure_reason == f'Could not find endpoint configuration "{arn}".'


def test_deleting_a_config_in_use_may_be_ignored_or_forbidden() -> None:
    lenient = House(rules=Rules(OnDeletion.IGNORED)).live()
    lenient.update()
    delete_config(lenient.state, {"EndpointConfigName": "two"})
    lenient.up()
    assert (lenient.go(), lenient.endpoint.config_name) == ("InService", "two")
    strict = House(rules=Rules(OnDeletion.FORBIDDEN)).live()
    strict.update()
    for name in ("one", "two"):
        with pytest.raises(ServiceError, match='in use by endpoint "e"'):
            delete_config(strict.state, {"EndpointConfigName": name})
    with pytest.raises(ServiceError, match='in use by endpoint configuration "one"'):
        delete_model(strict.state, {"ModelName": "m"})
    delete_model(lenient.state, {"ModelName": "m"})


def test_an_update_to_the_same_config_is_refused_where_that_is_the_rule() -> None:
    House().live().update(config="one")
    with pytest.raises(ServiceError, match="already"):
        House(rules=Rules(refuse_same_config=True)).live().update(config="one")


def test_alarms_that_cannot_be_read_turn_the_deployment_back() -> None:
    house = House().live()
    house.update(all_at_once(300, "guard"))
    house.up()
    assert house.go(unreadable="not authorized") == "InService"
    assert (house.endpoint.config_name, house.endpoint.failure_reason) == ("one", "not authorized")


def test_the_reason_may_be_missing_odd_or_vanish() -> None:
    mute, odd, fading = (House().live() for _ in range(3))
    for house in (mute, odd, fading):
        house.update()
    for house in (mute, fading):
        house.fail("no")
    odd.up()
    mute.go(mute=True)
    odd.go(odd_reason="scaling")
    fading.go(reason_seconds=5.0)
    assert (mute.endpoint.config_name, mute.endpoint.failure_reason) == ("one", "")
    assert (odd.endpoint.config_name, odd.endpoint.failure_reason) == ("two", "scaling")
    assert (fading.endpoint.failure_reason, fading.endpoint.reason_until) == ("no", fading.time + 5)


def test_an_update_may_end_failed() -> None:
    house = House().live()
    house.update()
    assert house.go(collapses=True) == "Failed"
    assert house.endpoint.failure_reason


def test_a_failed_rescale_is_rolling_back_as_long_as_provisioning_takes() -> None:
    house = House(provisioning_seconds=100)
    house.time += 10
    house.live()
    wanted = [{"VariantName": "main", "DesiredInstanceCount": 9}]
    update_weights(house.state, {"EndpointName": "e", "DesiredWeightsAndCapacities": wanted})
    house.fail("no capacity", old=True)
    assert house.go() == "rolling back"
    assert house.status == "RollingBack"
    house.time += 10
    assert house.go() == "InService"


@pytest.mark.parametrize(
    ("excluded", "expected"),
    [
        ([], (3.0, 7)),
        (["DesiredWeight"], (1.0, 7)),
        (["DesiredInstanceCount"], (3.0, 4)),
        (["DesiredWeight", "DesiredInstanceCount", "DataCaptureConfig"], (1.0, 4)),
    ],
)
def test_what_is_excluded_from_retaining_comes_from_the_config(
    excluded: list[str], expected: tuple[float, int]
) -> None:
    house = House().live()
    main = fleet(house.endpoint).variants["main"]
    main.weight, main.count = 3.0, 7
    named = [{"VariantPropertyType": name} for name in excluded]
    house.update(RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=named)
    assert house.endpoint.green
    green = house.endpoint.green.variants["main"]
    assert (green.weight, green.count) == expected

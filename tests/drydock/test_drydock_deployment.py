"""The state machine of a deployment, on a clock that stands still until it is told."""

from typing import Any

import pytest
from hosting_support import all_at_once

from drydock.sagemaker.definitions import create_config, create_model
from drydock.sagemaker.deployment import Sight, advance, due
from drydock.sagemaker.describe import describe
from drydock.sagemaker.endpoints import create_endpoint, update_endpoint, update_weights
from drydock.sagemaker.model import Endpoint, Fleet, Phase, Status
from drydock.sagemaker.place import Place, Tempo
from drydock.sagemaker.planning import plan_steps
from drydock.sagemaker.state import State

SCALE = 10.0


class House:
    """One endpoint, driven by hand."""

    def __init__(self, provisioning_seconds: float = 0.0) -> None:
        self.time = 1_000_000.0
        self.state = State(Place(), lambda: self.time, Tempo(SCALE, provisioning_seconds))
        create_model(self.state, {"ModelName": "m", "PrimaryContainer": {"Image": "i:1"}})
        for name in ("one", "two"):
            self.config(name, "main")
        create_endpoint(self.state, {"EndpointName": "e", "EndpointConfigName": "one"})

    def config(self, name: str, *variants: str, count: int = 4) -> None:
        definitions = [
            {"VariantName": variant, "ModelName": "m", "InitialInstanceCount": count, "InstanceType": "ml.m5.large"}
            for variant in variants
        ]
        create_config(self.state, {"EndpointConfigName": name, "ProductionVariants": definitions})

    @property
    def endpoint(self) -> Endpoint:
        return self.state.endpoint("e")

    def up(self) -> None:
        """Let all instances become healthy."""
        green = self.endpoint.deployment.green if self.endpoint.deployment else None
        for fleet in filter(None, (self.endpoint.fleet, green)):
            for variant in fleet.variants.values():
                variant.ready = variant.count

    def go(self, ringing: tuple[str, ...] = (), silent: bool = False) -> str:
        """Advance as far as it goes now; where it stands."""
        while advance(self.state, self.endpoint, Sight(ringing, silent)):
            pass
        deployment = self.endpoint.deployment
        return str(deployment.phase) if deployment else str(self.endpoint.status)

    def live(self) -> "House":
        self.up()
        assert self.go() == "InService"
        return self

    def update(self, policy: dict[str, Any] | None = None, config: str = "two", **more: Any) -> None:
        request = {"EndpointName": "e", "EndpointConfigName": config, **more}
        update_endpoint(self.state, request | ({"DeploymentConfig": policy} if policy else {}))

    def share(self) -> float:
        assert self.endpoint.deployment
        return self.endpoint.deployment.share

    def phases(self) -> list[str]:
        """The VariantStatus of each deployment event since the last look."""
        events = [item for item in self.state.outbox if "Deployment" in item.detail_type]
        self.state.outbox.clear()
        variants = [item.detail["PendingDeploymentSummary"]["ProductionVariants"][0] for item in events]
        return [variant.get("VariantStatus", [{"Status": "-"}])[0]["Status"] for variant in variants]


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
    house.update(_routing("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}))
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
    policy = _routing("LINEAR", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 30})
    steps = plan_steps(policy["BlueGreenUpdatePolicy"], 4)
    assert [round(step.share, 9) for step in steps] == [0.3, 0.6, 0.9, 1.0]
    assert [step.bake_seconds for step in steps] == [60, 60, 60, 120]


def test_half_steps_are_two() -> None:
    policy = _routing("LINEAR", LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 2})
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
    assert house.go(silent=True) == "InService"
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


def _routing(kind: str, **size: Any) -> dict[str, Any]:
    policy = all_at_once(120)
    policy["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] = {
        "Type": kind,
        "WaitIntervalInSeconds": 60,
        **size,
    }
    return policy

"""Deployment guardrails: what is asked of SageMaker, and what is refused before."""

from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from slipway.release.spec import Rollout
from slipway.rollout.bake_cost import bake_cost
from slipway.rollout.guardrails import (
    deployment_config,
    needed_seconds,
    rearm_seconds,
    rollback_config,
    rollout_findings,
    rounds,
)
from slipway.rollout.plan import Plan, plan_for

QUICK = {"quick": 60}
SAGEMAKER = get_session().get_service_model("sagemaker")


def check(deployment: dict[str, Any]) -> None:
    """Hold a DeploymentConfig to botocore's model: what must be there, of what type, and the words of its enums."""
    update = {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": deployment}
    validate_parameters(update, SAGEMAKER.operation_model("UpdateEndpoint").input_shape)
    routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    sizes = [
        part for part in (*routing.values(), *deployment.get("RollingUpdatePolicy", {}).values()) if _is_size(part)
    ]
    assert {size["Type"] for size in sizes} <= set(SAGEMAKER.shape_for("CapacitySizeType").enum)
    if routing:
        assert routing["Type"] in SAGEMAKER.shape_for("TrafficRoutingConfigType").enum


def _is_size(part: object) -> bool:
    return isinstance(part, dict)


def findings(rollout: Rollout, instances: int = 4, instance_type: str = "ml.m5.large", **alarms: int) -> list[str]:
    return [finding.code for finding in rollout_findings(Plan(rollout, instances), instance_type, alarms or QUICK)]


GOLDEN = [
    (
        Rollout(bake_seconds=300),
        1,
        {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
                "TerminationWaitInSeconds": 300,
                "MaximumExecutionTimeoutInSeconds": 3600,
            }
        },
    ),
    (
        Rollout(strategy="canary", wait_seconds=240, bake_seconds=600),
        3,
        {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "WaitIntervalInSeconds": 240,
                    "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
                },
                "TerminationWaitInSeconds": 600,
                "MaximumExecutionTimeoutInSeconds": 3600,
            }
        },
    ),
    (
        Rollout(strategy="linear", step_percent=25, wait_seconds=1200, bake_seconds=300),
        8,
        {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "LINEAR",
                    "WaitIntervalInSeconds": 1200,
                    "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
                },
                "TerminationWaitInSeconds": 300,
                "MaximumExecutionTimeoutInSeconds": 3 * 1200 + 300 + 600,
            }
        },
    ),
    (
        Rollout(strategy="rolling", wait_seconds=300),
        8,
        {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 2},
                "WaitIntervalInSeconds": 300,
                "MaximumExecutionTimeoutInSeconds": 4 * 300 + 4 * 600,
            }
        },
    ),
]


@pytest.mark.parametrize(("rollout", "instances", "expected"), GOLDEN, ids=[case[0].strategy for case in GOLDEN])
def test_a_strategy_becomes_the_deployment_config_that_sagemaker_knows(
    rollout: Rollout, instances: int, expected: dict[str, Any]
) -> None:
    deployment = deployment_config(Plan(rollout, instances), ["a", "b"])
    check(deployment)
    assert deployment == {**expected, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]}}
    assert findings(rollout, instances) == []


def test_the_way_back_has_no_alarm_attached() -> None:
    deployment = rollback_config(3600)
    check(deployment)
    assert "AutoRollbackConfiguration" not in deployment


@pytest.mark.parametrize("strategy", ["canary", "linear", "rolling"])
def test_a_fleet_of_one_is_honestly_refused_and_told_the_fix(strategy: Any) -> None:
    (finding,) = rollout_findings(Plan(Rollout(strategy=strategy), 1), "ml.m5.large", QUICK)
    assert (finding.code, finding.where) == ("FLEET_TOO_SMALL", "rollout.strategy")
    assert "serve.instance_count" in finding.next_step
    assert findings(Rollout(), 1) == []


@pytest.mark.parametrize(
    ("strategy", "percent", "instances", "fits"),
    [
        ("canary", 1, 10, True),
        ("canary", 50, 2, True),
        ("linear", 9, 10, False),
        ("linear", 10, 10, True),
        ("rolling", 4, 100, False),
        ("rolling", 5, 100, True),
    ],
)
def test_a_part_in_percent_stays_within_the_limits_of_its_strategy(
    strategy: Any, percent: int, instances: int, fits: bool
) -> None:
    rollout = Rollout(strategy=strategy, step_percent=percent, wait_seconds=300)
    assert ("STEP_OUT_OF_BOUNDS" not in findings(rollout, instances)) is fits


@pytest.mark.parametrize(("strategy", "least"), [("canary", 1), ("linear", 1), ("rolling", 1)])
def test_more_than_half_of_the_fleet_never_moves_at_once(strategy: Any, least: int) -> None:
    (finding, *_) = rollout_findings(Plan(Rollout(strategy=strategy, step_instances=2), 3), "ml.m5.large", QUICK)
    assert (finding.code, finding.where) == ("STEP_OUT_OF_BOUNDS", "rollout.step_instances")
    assert f"{least} to 1 instances" in finding.next_step


def test_a_size_is_given_once() -> None:
    assert "STEP_TWICE" in findings(Rollout(strategy="canary", step_instances=1, step_percent=10))


@pytest.mark.parametrize(
    ("rollout", "key"),
    [
        (Rollout(bake_seconds=179), "bake_seconds"),
        (Rollout(strategy="canary", wait_seconds=179), "wait_seconds"),
        (Rollout(strategy="linear", bake_seconds=179), "bake_seconds"),
        (Rollout(strategy="rolling", wait_seconds=179, bake_seconds=0), "wait_seconds"),
    ],
)
def test_a_bake_that_ends_before_its_slowest_alarm_can_ring_is_refused(rollout: Rollout, key: str) -> None:
    (finding,) = rollout_findings(Plan(rollout, 4), "ml.m5.large", QUICK)
    assert (finding.code, finding.where) == ("BAKE_TOO_SHORT", f"rollout.{key}")
    assert "180" in finding.next_step


def test_the_slowest_alarm_is_named_with_the_time_it_needs() -> None:
    (finding,) = rollout_findings(Plan(Rollout(), 1), "ml.m5.large", {"quick": 60, "sales of the shop": 600})
    assert "sales of the shop" in finding.message
    assert needed_seconds({"quick": 60, "sales of the shop": 600}) == ("sales of the shop", 720)


def test_a_strategy_without_that_bake_is_not_held_to_it() -> None:
    assert findings(Rollout(wait_seconds=0)) == []
    assert findings(Rollout(strategy="rolling", bake_seconds=0)) == []


def test_a_deployment_that_would_time_out_in_its_own_bakes_is_refused() -> None:
    rollout = Rollout(strategy="linear", step_percent=10, wait_seconds=600, timeout_seconds=3600)
    (finding,) = rollout_findings(Plan(rollout, 10), "ml.m5.large", QUICK)
    assert finding.code == "TIMEOUT_TOO_SHORT"
    assert str(9 * 600 + 300 + 600) in finding.next_step


def test_bakes_longer_than_sagemaker_waits_are_refused_whatever_the_timeout() -> None:
    rollout = Rollout(strategy="linear", step_percent=10, wait_seconds=3600)
    (finding,) = rollout_findings(Plan(rollout, 10), "ml.m5.large", QUICK)
    assert "28800" in finding.next_step


def test_instances_that_sagemaker_does_not_guard_are_refused() -> None:
    assert findings(Rollout(), instance_type="ml.inf1.xlarge") == ["INSTANCES_UNGUARDED"]
    assert findings(Rollout(), instance_type="ml.inf2.xlarge") == []


def test_more_alarms_than_sagemaker_takes_are_refused() -> None:
    assert findings(Rollout(), **{f"alarm-{number}": 60 for number in range(11)}) == ["TOO_MANY_ALARMS"]


def test_a_wait_is_a_quarter_of_the_bake_within_bounds() -> None:
    assert [rearm_seconds(seconds) for seconds in (0, 60, 400, 3600)] == [10, 15, 100, 300]
    assert [rounds(300, 75), rounds(301, 75), rounds(0, 10)] == [4, 5, 0]


@pytest.mark.parametrize(
    ("rollout", "instances", "share", "steps", "final"),
    [
        (Rollout(), 4, 1.0, 1, 300),
        (Rollout(strategy="canary"), 4, 0.25, 2, 300),
        (Rollout(strategy="linear", step_instances=1), 3, 1 / 3, 3, 300),
        (Rollout(strategy="linear", step_percent=30), 10, 0.3, 4, 300),
        (Rollout(strategy="rolling", wait_seconds=200), 9, 2 / 9, 5, 200),
    ],
)
def test_a_plan_counts_its_steps_and_knows_its_last_bake(
    rollout: Rollout, instances: int, share: float, steps: int, final: int
) -> None:
    plan = Plan(rollout, instances)
    assert plan.share == pytest.approx(share)
    assert (plan.steps, plan.final_seconds) == (steps, final)


@pytest.mark.parametrize(
    ("rollout", "fleets", "size", "share", "steps"),
    [
        (Rollout(strategy="canary"), (8, 2), {"Type": "INSTANCE_COUNT", "Value": 1}, 0.125, 2),
        (Rollout(strategy="linear"), (8, 4), {"Type": "INSTANCE_COUNT", "Value": 1}, 0.125, 8),
        (Rollout(strategy="linear", step_percent=50), (8, 4), {"Type": "CAPACITY_PERCENT", "Value": 50}, 0.5, 2),
        (Rollout(), (8, 1), {"Type": "INSTANCE_COUNT", "Value": 1}, 1.0, 1),
    ],
)
def test_fleets_that_share_a_deployment_are_planned_for_the_smallest_and_timed_by_the_largest(
    rollout: Rollout, fleets: tuple[int, ...], size: dict[str, Any], share: float, steps: int
) -> None:
    plan = plan_for(rollout, fleets)
    assert (plan.size, plan.share, plan.steps) == (size, share, steps)


def test_the_bake_of_several_variants_costs_the_instances_of_all() -> None:
    cost = bake_cost(plan_for(Rollout(bake_seconds=3600), (2, 1)), [("ml.m5.large", 2), ("ml.c5.large", 1)])
    assert (cost.instance_type, cost.instances, cost.instance_hours) == ("ml.m5.large and ml.c5.large", 3, 3.0)

"""Application Auto Scaling: what is registered, what is refused, and when instances come and go."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from scaling_house import RESOURCE, VARIANT, House, RefusedError

from drydock.autoscaling.remembering import KeptBook


@pytest.fixture
def house() -> House:
    return House()


def refused(act: Callable[..., Any], *words: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(RefusedError) as error:
        act(*words, **request)
    return error.value.code, error.value.message


def test_a_target_is_registered_described_changed_and_deregistered(house: House) -> None:
    arn = house.register(1, 4, Tags={"team": "churn"})
    house.register(2, 5, SuspendedState={"DynamicScalingInSuspended": True})
    (target,) = house.ask("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"], target["ScalableTargetARN"]) == (2, 5, arn)
    assert target["SuspendedState"]["DynamicScalingInSuspended"] is True
    assert target["RoleARN"].endswith("AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")
    assert house.fleets.scaled == {("churn", "main"): arn}
    assert house.ask("ListTagsForResource", ResourceARN=arn)["Tags"] == {"team": "churn"}
    house.ask("DeregisterScalableTarget", **VARIANT)
    assert house.fleets.scaled == {}


def test_deregistering_removes_the_policies_and_their_alarms(house: House) -> None:
    house.register()
    assert len(house.track()) == 2
    house.ask("DeregisterScalableTarget", **VARIANT)
    assert house.ask("DescribeScalingPolicies", ServiceNamespace="sagemaker")["ScalingPolicies"] == []
    assert house.cloud.alarms == {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ResourceId": "endpoint/other/variant/main"}, "doesn't exist"),
        ({"ResourceId": "endpoint/churn"}, "Unsupported service namespace"),
        ({"ScalableDimension": "ecs:service:DesiredCount"}, "Unsupported service namespace"),
        ({"ServiceNamespace": "ecs"}, "Drydock does not support the service namespace ecs"),
        ({"MinCapacity": 5}, "cannot be less than minimum"),
        ({"MinCapacity": 0}, "cannot be less than 1"),
        ({"ServiceNamespace": "nonsense"}, "Member must satisfy enum value set"),
    ],
)
def test_what_cannot_be_registered_is_refused(house: House, change: dict[str, Any], says: str) -> None:
    request = {**VARIANT, "MinCapacity": 1, "MaxCapacity": 4, **change}
    code, message = refused(house.ask, "RegisterScalableTarget", **request)
    assert code == "ValidationException"
    assert says in message


def test_a_first_registration_needs_both_limits_and_an_instance_that_does_not_burst(house: House) -> None:
    assert "Both minimum and maximum" in refused(house.ask, "RegisterScalableTarget", **VARIANT, MinCapacity=1)[1]
    house.fleets.instance_type = "ml.t2.medium"
    assert "Burstable" in refused(house.register)[1]


def test_the_dimension_must_fit_the_variant_and_provisioned_concurrency_is_scaled_by_its_own(house: House) -> None:
    concurrency = {**VARIANT, "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"}
    limits = {"MinCapacity": 3, "MaxCapacity": 5}
    assert "does not fit" in refused(house.ask, "RegisterScalableTarget", **concurrency, **limits)[1]
    house.fleets.instance_type = ""
    assert "does not fit" in refused(house.register)[1]
    house.ask("RegisterScalableTarget", **concurrency, **limits)
    assert house.look() == 3
    assert house.activities()[0]["Description"] == "Setting desired provisioned concurrency to 3."
    assert house.cloud.metrics == []


def test_what_is_not_registered_is_not_found(house: House) -> None:
    where = f"service namespace: sagemaker, resource ID: {RESOURCE}, scalable dimension: {VARIANT['ScalableDimension']}"
    assert refused(house.track) == ("ObjectNotFoundException", f"No scalable target registered for {where}")
    assert refused(house.ask, "DeregisterScalableTarget", **VARIANT)[0] == "ObjectNotFoundException"
    house.register()
    assert refused(house.ask, "DeleteScalingPolicy", **VARIANT, PolicyName="p")[0] == "ObjectNotFoundException"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"PredefinedMetricSpecification": None}, "Exactly one of"),
        ({"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}, "not support"),
        ({"CustomizedMetricSpecification": {"MetricName": "m"}}, "Exactly one of"),
        ({"target": 0}, "above zero"),
        ({"ScaleInCooldown": -1}, "cannot be negative"),
        ({"PredefinedMetricSpecification": None, "CustomizedMetricSpecification": {"MetricName": "m"}}, "needs"),
    ],
)
def test_a_tracking_policy_that_cannot_work_is_refused(house: House, settings: dict[str, Any], says: str) -> None:
    house.register()
    assert says in refused(house.track, **settings)[1]


def test_two_policies_cannot_track_the_same_metric(house: House) -> None:
    house.register()
    house.track()
    assert "Only one TargetTrackingScaling policy" in refused(house.track, name="other")[1]


def test_a_policy_that_is_put_again_keeps_its_alarms(house: House) -> None:
    house.register()
    first = house.track(100)
    assert house.track(50, DisableScaleIn=True) == first[:1]
    assert list(house.cloud.alarms) == first[:1]
    assert house.cloud.alarms[first[0]]["Threshold"] == 50


def test_a_policy_may_track_a_metric_of_ones_own(house: House) -> None:
    house.register()
    custom = {"Namespace": "Own", "MetricName": "Queue", "Statistic": "Average"}
    (high, _) = house.track(PredefinedMetricSpecification=None, CustomizedMetricSpecification=custom)
    assert {key: house.cloud.alarms[high][key] for key in custom} == custom
    math = [{"Id": "a", "MetricStat": {"Metric": {"Namespace": "Own", "MetricName": "Queue"}, "Stat": "Sum"}}]
    (high, _) = house.track(PredefinedMetricSpecification=None, CustomizedMetricSpecification={"Metrics": math})
    assert house.cloud.alarms[high]["Metrics"][0]["MetricStat"]["Period"] == 60


def test_a_ringing_alarm_brings_as_many_instances_as_the_metric_wants(house: House) -> None:
    house.register(1, 8)
    high, _ = house.track(100)
    house.cloud.ringing[high] = 260.0
    assert house.look() == 6
    (activity,) = house.activities()
    assert activity["StatusCode"] == "Successful"
    assert activity["Description"] == "Setting desired instance count to 6."
    assert activity["Cause"] == f"monitor alarm {high} in state ALARM triggered policy p"
    assert activity["StatusMessage"].endswith("Change successfully fulfilled by sagemaker.")


def test_no_more_than_the_maximum_comes_and_an_event_tells_when_that_is_reached(house: House) -> None:
    house.register(1, 3)
    high, _ = house.track(100)
    house.cloud.ringing[high] = 1000.0
    assert house.look() == 3
    assert [event["direction"] for event in house.cloud.events] == ["scale-out"]
    assert house.look() == 3
    assert len(house.activities()) == 1


def test_the_cool_down_lets_only_a_larger_scaling_out_through(house: House) -> None:
    house.register(1, 9)
    high, _ = house.track(100, ScaleOutCooldown=600)
    house.cloud.ringing[high] = 150.0
    assert house.look() == 3
    assert house.look() == 3
    house.cloud.ringing[high] = 250.0
    assert house.look() == 5
    house.cloud.ringing[high] = 150.0
    assert house.look(11) == 8


def test_scaling_in_waits_for_its_cool_down_and_stops_at_the_minimum(house: House) -> None:
    house.fleets.count = 8
    house.register(2, 9)
    high, low = house.track(100, ScaleInCooldown=600)
    house.cloud.ringing[low] = 50.0
    assert house.look() == 4
    house.cloud.ringing[low] = 0.0
    assert house.look() == 4
    house.cloud.ringing[high] = 150.0
    assert house.look() == 6, "scaling out does not wait for the cool-down of scaling in"
    del house.cloud.ringing[high]
    assert house.look(11) == 2


def test_instances_go_only_when_every_tracking_policy_agrees(house: House) -> None:
    house.fleets.count = 4
    house.register(1, 9)
    _, low = house.track(100)
    custom = {"Namespace": "Own", "MetricName": "Queue", "Statistic": "Average"}
    _, other = house.track(10, "q", PredefinedMetricSpecification=None, CustomizedMetricSpecification=custom)
    house.cloud.ringing[low] = 10.0
    assert house.look() == 4
    house.cloud.ringing[other] = 7.0
    assert house.look() == 3


@pytest.mark.parametrize(
    ("kind", "steps", "value", "count"),
    [
        ("ChangeInCapacity", [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}], 60, 4),
        ("ExactCapacity", [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 5}], 60, 5),
        ("PercentChangeInCapacity", [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 10}], 60, 3),
        ("ChangeInCapacity", [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1}], 40, 1),
        (
            "ChangeInCapacity",
            [
                {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 4},
            ],
            70,
            6,
        ),
    ],
)
def test_steps_go_by_the_distance_from_the_threshold(
    house: House, kind: str, steps: list[dict[str, Any]], value: float, count: int
) -> None:
    house.register(1, 9)
    house.cloud.ringing[house.step(*steps, kind=kind)] = value
    assert house.look() == count


def test_steps_that_overlap_leave_a_gap_or_do_not_fit_are_refused(house: House) -> None:
    house.register()
    one = {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1}
    other = {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2}
    assert "gap" in refused(house.step, one, other)[1]
    assert "upper bound" in refused(house.step, {**one, "MetricIntervalUpperBound": 0})[1]
    assert "at least one StepAdjustment" in refused(house.step)[1]
    assert "PercentChangeInCapacity" in refused(house.step, one, MinAdjustmentMagnitude=1)[1]
    assert "negative" in refused(house.step, {"ScalingAdjustment": -1}, kind="ExactCapacity")[1]


def test_scaling_while_the_endpoint_is_updated_fails_and_is_tried_again_after_a_minute(house: House) -> None:
    house.register()
    high, _ = house.track(100)
    house.cloud.ringing[high] = 150.0
    house.fleets.updating = True
    house.look(0.1)
    (activity,) = house.activities()
    assert activity["StatusCode"] == "Failed"
    assert "Cannot update in-progress endpoint" in activity["StatusMessage"]
    house.fleets.updating = False
    assert house.look(0.1) == 2
    assert house.look() == 3


def test_an_activity_ends_when_its_instances_are_there_and_fails_where_they_never_come(house: House) -> None:
    house.register()
    high, _ = house.track(100)
    house.cloud.ringing[high] = 150.0
    house.fleets.provisioning = True
    house.look()
    assert house.activities()[0]["StatusCode"] == "InProgress"
    house.fleets.provisioning, house.fleets.count = False, 2
    house.cloud.ringing.clear()
    house.look()
    assert house.activities()[0]["StatusCode"] == "Failed"


def test_what_is_suspended_does_not_scale(house: House) -> None:
    house.register(SuspendedState={"DynamicScalingOutSuspended": True, "DynamicScalingInSuspended": True})
    high, low = house.track(100)
    house.cloud.ringing[high] = 500.0
    assert house.look() == 2
    house.cloud.ringing = {low: 10.0}
    assert house.look() == 2


def test_other_limits_move_the_capacity_between_them(house: House) -> None:
    house.register(3, 4)
    assert house.look() == 3
    house.register(1, 2)
    assert house.look() == 2
    assert [item["Cause"] for item in house.activities()] == [
        "maximum capacity was set to 2",
        "minimum capacity was set to 3",
    ]


def test_an_endpoint_that_is_scaled_publishes_zeros(house: House) -> None:
    house.register()
    house.look()
    assert ("InvocationsPerInstance", 0.0) in house.cloud.metrics


def test_a_target_goes_with_its_endpoint(house: House) -> None:
    house.register()
    house.track()
    house.fleets.there = False
    assert house.ask("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert (house.cloud.alarms, house.fleets.scaled) == ({}, {})


def test_lists_come_in_pages_and_a_wrong_token_is_refused(house: House) -> None:
    house.register()
    house.track()
    custom = {"Namespace": "Own", "MetricName": "Queue", "Statistic": "Average"}
    house.track(10, "q", PredefinedMetricSpecification=None, CustomizedMetricSpecification=custom)
    page = house.ask("DescribeScalingPolicies", ServiceNamespace="sagemaker", MaxResults=1)
    assert [policy["PolicyName"] for policy in page["ScalingPolicies"]] == ["p"]
    token = page["NextToken"]
    page = house.ask("DescribeScalingPolicies", ServiceNamespace="sagemaker", NextToken=token)
    assert [policy["PolicyName"] for policy in page["ScalingPolicies"]] == ["q"]
    wrong = refused(house.ask, "DescribeScalableTargets", ServiceNamespace="sagemaker", NextToken="?")
    assert wrong[0] == "InvalidNextTokenException"


def test_a_caller_needs_the_permission_here_and_where_it_takes_effect(house: House) -> None:
    house.forbidden = {"application-autoscaling:RegisterScalableTarget"}
    code, message = refused(house.register)
    assert code == "AccessDeniedException"
    assert "scalable-target/*" in message
    house.forbidden = {"sagemaker:UpdateEndpointWeightsAndCapacities", "iam:CreateServiceLinkedRole"}
    missing = "sagemaker:UpdateEndpointWeightsAndCapacities, iam:CreateServiceLinkedRole"
    assert refused(house.register) == (
        "ValidationException",
        f"User is missing the following permissions: {missing}",
    )
    house.forbidden = {"cloudwatch:PutMetricAlarm"}
    house.register()
    assert "cloudwatch:PutMetricAlarm" in refused(house.track)[1]


def test_tags_are_added_and_removed_and_need_a_target(house: House) -> None:
    arn = house.register()
    house.ask("TagResource", ResourceARN=arn, Tags={"a": "1", "b": "2"})
    house.ask("UntagResource", ResourceARN=arn, TagKeys=["a"])
    assert house.ask("ListTagsForResource", ResourceARN=arn)["Tags"] == {"b": "2"}
    assert refused(house.ask, "TagResource", ResourceARN=arn[:-1], Tags={})[0] == "ResourceNotFoundException"


def test_the_alarms_watch_what_the_endpoint_publishes(house: House) -> None:
    house.register()
    high, low = house.track(100)
    dimensions = {pair["Name"]: pair["Value"] for pair in house.cloud.alarms[high]["Dimensions"]}
    assert (house.cloud.alarms[high]["MetricName"], dimensions) == (
        "InvocationsPerInstance",
        {"EndpointName": "churn", "VariantName": "main"},
    )
    assert (house.cloud.alarms[high]["Threshold"], house.cloud.alarms[high]["EvaluationPeriods"]) == (100, 3)
    assert (house.cloud.alarms[low]["Threshold"], house.cloud.alarms[low]["EvaluationPeriods"]) == (90, 15)


def test_what_scales_is_there_after_a_restart_and_sees_through_what_was_under_way() -> None:
    house, reborn = House(), House()
    house.register(Tags={"team": "churn"})
    high, _ = house.track()
    house.ask("PutScheduledAction", **VARIANT, ScheduledActionName="night", Schedule="cron(0 20 * * ? *)",
              ScalableTargetAction={"MinCapacity": 1})  # fmt: skip
    house.cloud.ringing[high] = 300.0
    house.fleets.provisioning = True
    house.look()
    KeptBook(reborn.service.desk).restore(json.loads(json.dumps(KeptBook(house.service.desk).document())))
    for operation in ("DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScheduledActions"):
        known = house.ask(operation, ServiceNamespace="sagemaker")
        assert reborn.ask(operation, ServiceNamespace="sagemaker") == known
    assert reborn.fleets.scaled == house.fleets.scaled
    assert [activity["StatusCode"] for activity in reborn.activities()] == ["InProgress"]
    reborn.time, reborn.fleets.count = house.time, house.fleets.count
    reborn.look()
    assert [activity["StatusCode"] for activity in reborn.activities()] == ["Successful"]

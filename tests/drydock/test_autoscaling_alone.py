"""The alarms that scale where there is no CloudWatch."""

from typing import Any

from drydock.alone.alarms import LoneAlarms

DIMENSIONS = {"EndpointName": "churn", "VariantName": "main"}
ALARM = {
    "AlarmName": "high",
    "AlarmActions": ["the-policy"],
    "Namespace": "AWS/SageMaker",
    "MetricName": "InvocationsPerInstance",
    "Dimensions": [{"Name": name, "Value": value} for name, value in DIMENSIONS.items()],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 10.0,
}


def test_three_minutes_above_the_target_ring_and_a_deleted_alarm_calls_no_more() -> None:
    clock, heard = [1000.0], list[dict[str, Any]]()
    cloud = LoneAlarms(60.0, "us-east-1:000000000000", lambda *told: heard.append(told[2]), lambda: clock[0])
    assert cloud.put_alarm(ALARM) == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:high"
    for minute in range(3):
        assert not cloud.alarms_calling("the-policy")[0].ringing, minute
        clock[0] += 0.5
        cloud.put_metric("AWS/SageMaker", "InvocationsPerInstance", [DIMENSIONS], 12.0, "None")
        clock[0] += 0.5
    (seen,) = cloud.alarms_calling("the-policy")
    assert (seen.ringing, seen.value, seen.threshold) == (True, 12.0, 10.0)
    assert cloud.alarms_calling("another") == []
    reborn = LoneAlarms(60.0, "us-east-1:000000000000", lambda *told: None)
    reborn.restore(cloud.document())
    assert [alarm.name for alarm in reborn.alarms_calling("the-policy")] == ["high"]
    cloud.delete_alarms(["high"])
    assert cloud.alarms_calling("the-policy") == []
    cloud.publish_scaling("Changed", {"a": 1})
    assert heard == [{"a": 1}]

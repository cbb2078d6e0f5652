"""Application Auto Scaling on the local cloud: boto3 asks, alarms of CloudWatch call, real instances come and go."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ministack_kit import Kit, eventually
from test_drydock_service_cloud import Endpoint

pytestmark = pytest.mark.cloud

VARIANT = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
TRACKING = {
    "TargetValue": 20.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    "ScaleOutCooldown": 0,
    "ScaleInCooldown": 0,
}


class Scaled(Endpoint):
    """An endpoint of two instances whose variant is scaled by requests to each of them."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.scaling = kit.client("application-autoscaling")
        self.target = {**VARIANT, "ResourceId": f"endpoint/{self.name}/variant/main"}
        self.scaling.register_scalable_target(**self.target, MinCapacity=1, MaxCapacity=3)
        self.policy = self.scaling.put_scaling_policy(
            **self.target,
            PolicyName="by-requests",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=TRACKING,
        )

    def count(self) -> int:
        """How many instances there are, once nothing changes any more; 0 while something does."""
        seen = self.sagemaker.describe_endpoint(EndpointName=self.name)
        return seen["ProductionVariants"][0]["CurrentInstanceCount"] if seen["EndpointStatus"] == "InService" else 0

    def activities(self) -> list[dict[str, Any]]:
        found = self.scaling.describe_scaling_activities(
            ServiceNamespace="sagemaker", ResourceId=self.target["ResourceId"]
        )
        return list(found["ScalingActivities"])

    def load(self) -> Callable[[], None]:
        """Send requests until the answer is called."""
        stop = threading.Event()

        def send() -> None:
            while not stop.is_set():
                self.answers(5)
                time.sleep(0.01)

        thread = threading.Thread(target=send)
        thread.start()

        def end() -> None:
            stop.set()
            thread.join()

        return end


@pytest.fixture
def scaled(kit: Kit) -> Iterator[Scaled]:
    made = Scaled(kit)
    yield made
    made.remove()


def test_traffic_brings_instances_and_a_deleted_endpoint_takes_its_scaling_along(kit: Kit, scaled: Scaled) -> None:
    heard = kit.listen({"source": ["aws.application-autoscaling"]})
    ends = scaled.load()
    try:
        eventually(lambda: scaled.count() == 3, 20)
    finally:
        ends()
    (activity,) = eventually(lambda: [item for item in scaled.activities() if item["StatusCode"] == "Successful"])
    names = [alarm["AlarmName"] for alarm in scaled.policy["Alarms"]]
    assert activity["Description"] == "Setting desired instance count to 3."
    assert activity["Cause"] == f"monitor alarm {names[0]} in state ALARM triggered policy by-requests"
    (event,) = eventually(heard)
    assert (event["detail"]["scaledToMax"], event["detail"]["newDesiredCapacity"]) == (True, 3)

    described = scaled.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert {(alarm["Threshold"], alarm["EvaluationPeriods"]) for alarm in described} == {(20.0, 3), (18.0, 15)}
    scaled.remove()
    ids = [scaled.target["ResourceId"]]
    found = scaled.scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=ids)
    assert found["ScalableTargets"] == []
    assert scaled.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] == []

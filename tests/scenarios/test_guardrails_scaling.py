"""An endpoint that follows its traffic, through a release and on, on the whole local cloud."""

import time

import pytest

from slipway.release.verdicts import Outcome
from tests.scenarios.person import Person
from tests.scenarios.rollouts import drop_with

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]

TRACKED = {"target_invocations_per_instance": 2, "scale_out_cooldown_seconds": 0}


def instances(person: Person, endpoint: str) -> int:
    described = person.sagemaker.describe_endpoint(EndpointName=endpoint)
    return int(described["ProductionVariants"][0]["CurrentInstanceCount"])


def wait_for(person: Person, endpoint: str, count: int) -> None:
    deadline = time.monotonic() + 30
    while (seen := instances(person, endpoint)) != count:
        assert time.monotonic() < deadline, f"{seen} instances, not {count}"
        time.sleep(0.1)


def test_what_traffic_scaled_out_keeps_its_count_through_a_release_and_scales_again(person: Person) -> None:
    first = person.release_of(drop_with(person, "good", "elastic", "1", autoscaling={"max_capacity": 2, **TRACKED}))
    assert first.outcome is Outcome.LIVE, first.reason
    with person.asking("elastic", "good") as answers:
        wait_for(person, "elastic", 2)
        second = person.release_of(
            drop_with(person, "better", "elastic", "2", autoscaling={"max_capacity": 4, **TRACKED})
        )
        assert second.outcome is Outcome.LIVE, second.reason
        wait_for(person, "elastic", 4)
    assert set(answers) == {"answered"}
    while "Setting desired instance count to 4." not in (done := _scaled(person)):
        time.sleep(0.1)  # an activity succeeds a moment after its instances serve
    assert done[0] == "Setting desired instance count to 2."


def _scaled(person: Person) -> list[str]:
    """Say what was scaled so far, the first activity first."""
    scaling = person.client("application-autoscaling")
    activities = scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    return [item["Description"] for item in reversed(activities) if item["StatusCode"] == "Successful"]

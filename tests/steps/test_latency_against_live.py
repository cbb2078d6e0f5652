"""The latency of a new model is held against the live one's, as far as that had traffic."""

from datetime import timedelta
from typing import Any

import pytest

from slipway.judging.latency import budget_ms
from slipway.release.phases import Phase
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

FLEET = {"EndpointName": "churn", "VariantName": "main"}


def a_live_endpoint_that_takes(milliseconds: list[float]) -> Story:
    """Let version 1 be live and answer 50 requests in each of the last hours."""
    story = a_live_endpoint(spec={"smoke": [SMOKE]})
    alarms = story.tools.alarms
    for latency in milliseconds:
        for _ in range(50):
            alarms.publish("AWS/SageMaker", "ModelLatency", FLEET, latency * 1000)
            alarms.publish("AWS/SageMaker", "Invocations", FLEET, 1)
        story.tools.clock.advance(timedelta(hours=1).total_seconds())
    return story


def update(first: Story, **watch: Any) -> Story:
    """Release version 2 up to its config."""
    story = Story(first.tools, "execution-2")
    story.drop(version="2", spec={"smoke": [SMOKE], "watch": watch}, body=archive(model_joblib="v2"))
    story.through(Phase.CREATE_CONFIG)
    return story


def threshold_ms(story: Story) -> float | None:
    """Give the milliseconds above which the release's alarm on its p95 rings; None if it has no such alarm."""
    config = story.release.fact(Phase.CREATE_CONFIG, "config")
    request = story.tools.alarms.requests.get(f"slipway-{config}-p95")
    return request["Threshold"] / 1000 if request else None


def findings(story: Story) -> list[str]:
    return [finding.code for finding in story.release.phases[Phase.CREATE_CONFIG].findings]


def test_the_new_model_may_take_so_many_times_as_long_as_the_live_one() -> None:
    story = update(a_live_endpoint_that_takes([20.0, 30.0, 20.0]), latency_factor=1.5)
    assert threshold_ms(story) == 30.0
    assert findings(story) == []


def test_the_stricter_of_a_budget_and_the_comparison_holds() -> None:
    assert threshold_ms(update(a_live_endpoint_that_takes([20.0] * 3), latency_factor=2.0, latency_p95_ms=25.0)) == 25.0
    assert threshold_ms(update(a_live_endpoint_that_takes([20.0] * 3), latency_factor=2.0, latency_p95_ms=90.0)) == 40.0


def test_a_live_model_without_enough_traffic_gives_no_budget_and_that_is_said() -> None:
    story = update(a_live_endpoint_that_takes([20.0]), latency_factor=1.5)
    assert threshold_ms(story) is None
    assert findings(story) == ["LATENCY_UNCOMPARED"]


def test_without_enough_traffic_the_specs_own_budget_still_holds() -> None:
    story = update(a_live_endpoint_that_takes([]), latency_factor=1.5, latency_p95_ms=200.0)
    assert threshold_ms(story) == 200.0


def test_a_first_release_has_nothing_to_be_held_against() -> None:
    story = Story()
    story.drop(spec={"watch": {"latency_factor": 1.5}})
    story.through(Phase.CREATE_CONFIG)
    assert (threshold_ms(story), findings(story)) == (None, [])


@pytest.mark.parametrize(
    ("hours", "requests", "budget"), [([], 500, None), ([2e4], 99, None), ([2e4], 100, 40.0), ([9e7], 500, 60_000.0)]
)
def test_a_budget_comes_of_enough_requests_and_never_above_what_sagemaker_allows(
    hours: list[float], requests: int, budget: float | None
) -> None:
    assert budget_ms(hours, requests, 2.0) == budget

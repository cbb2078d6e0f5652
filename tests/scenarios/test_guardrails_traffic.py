"""Traffic moves in parts, on the whole local cloud: what goes well, what is put back, what it costs."""

from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.scenarios.person import Person
from tests.scenarios.rollouts import counting_calls, drop_with, transitions

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]

FOUR = {"instance_count": 4}
CANARY = {"strategy": "canary", "wait_seconds": 240, "bake_seconds": 240}
LINEAR = {"strategy": "linear", "step_percent": 50, "wait_seconds": 180, "bake_seconds": 180}
ROLLING = {"strategy": "rolling", "step_percent": 50, "wait_seconds": 180}


def live(person: Person, endpoint: str) -> str:
    """Let version 1 be live on four instances; give the config that serves."""
    release = person.release_of(drop_with(person, "good", endpoint, "1", serve=FOUR))
    assert release.outcome is Outcome.LIVE, release.reason
    return person.live(endpoint).config


@pytest.mark.parametrize("rollout", [CANARY, LINEAR, ROLLING], ids=lambda rollout: str(rollout["strategy"]))
def test_a_better_model_goes_live_part_by_part_and_no_request_is_lost(person: Person, rollout: dict[str, Any]) -> None:
    endpoint = f"parts-{rollout['strategy']}"
    before = live(person, endpoint)
    with person.asking(endpoint, "good") as answers:
        release = person.release_of(drop_with(person, "better", endpoint, "2", serve=FOUR, rollout=rollout))
    assert release.outcome is Outcome.LIVE, release.reason
    assert set(answers) == {"answered"}
    assert person.serving(endpoint) == person.live(endpoint).config != before


def test_a_canary_that_fails_under_traffic_is_put_back_before_it_has_all_traffic(person: Person) -> None:
    before = live(person, "bad-canary")
    wishes: dict[str, Any] = {"serve": FOUR, "rollout": CANARY}
    with person.asking("bad-canary", "good") as answers:
        release = person.release_of(drop_with(person, "failing-under-traffic", "bad-canary", "2", **wishes))
    assert release.outcome is Outcome.ROLLED_BACK, release.reason
    assert Phase.RUN_SMOKE_INVOCATIONS not in release.phases
    assert answers["answered"] > answers["ModelError"]
    assert person.serving("bad-canary") == before


def test_a_canary_of_one_instance_is_rejected_with_the_fix(person: Person) -> None:
    person.release_of(person.drop("good", "lonely", "1"))
    release = person.release_of(drop_with(person, "better", "lonely", "2", rollout=CANARY))
    assert release.outcome is Outcome.REJECTED
    assert "serve.instance_count" in release.reason


def test_a_model_slower_than_its_budget_is_put_back_by_the_latency_alarm(person: Person) -> None:
    before = live(person, "slow-one")
    case = {"name": "any row", "json": person.traffic("good")["requests"][0]}
    wishes: dict[str, Any] = {"smoke": [case], "watch": {"latency_p95_ms": 50.0, "min_requests": 3}, "serve": FOUR}
    with person.asking("slow-one", "good"):
        release = person.release_of(drop_with(person, "slow", "slow-one", "2", **wishes))
    assert release.outcome is Outcome.ROLLED_BACK, release.reason
    assert "p95" in release.reason
    assert person.serving("slow-one") == before


def test_a_first_release_stays_within_its_calls_and_transitions(person: Person) -> None:
    with counting_calls(person) as calls:
        release = person.release_of(person.drop("good", "budget", "1"))
    entered, rechecks = transitions(person, release)
    assert release.outcome is Outcome.LIVE
    assert entered <= 24 + 2 * rechecks
    assert sum(calls.values()) <= 8, calls


def test_a_guarded_update_stays_within_its_calls_and_transitions(person: Person) -> None:
    person.release_of(person.drop("good", "budgets", "1"))
    with counting_calls(person) as calls:
        release = person.release_of(person.drop("better", "budgets", "2"))
    entered, rechecks = transitions(person, release)
    assert release.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.BAKING
    assert entered <= 28 + 2 * rechecks
    assert sum(calls.values()) <= 12, calls

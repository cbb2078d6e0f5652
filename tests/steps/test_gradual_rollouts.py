"""Traffic that moves in parts: what is asked of SageMaker, and what the probes of a partial bake do."""

import json
from typing import Any

import pytest

from slipway.exchanges import Invocation, Reply
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint
from tests.unit.hostile_archives import packed

CANARY = {"smoke": [SMOKE], "serve": {"instance_count": 4}, "rollout": {"strategy": "canary"}}
FOUR = {"smoke": [SMOKE], "serve": {"instance_count": 4}}


def a_canary_that_bakes(spec: dict[str, Any] | None = None) -> Story:
    """Release version 2 over a live version 1 of four instances, up to the bake of its canary."""
    first = a_live_endpoint(spec=FOUR)
    story = Story(first.tools, "execution-2")
    story.start(version="2", spec={**CANARY, **(spec or {})}, body=archive(model_joblib="v2"))
    story.tools.hosting.bake("churn", "canary")
    return story


def invocations(story: Story) -> int:
    return len(story.tools.hosting.requests("invoke"))


class EveryNth:
    """Answers every nth invocation badly, as a fleet behind split traffic seems to."""

    def __init__(self, each: int, bad: Reply) -> None:
        self.each, self.bad, self.count = each, bad, 0

    def __call__(self, _invocation: Invocation) -> Reply:
        self.count += 1
        if self.count % self.each:
            return Reply(200, b'{"ok": true}', "application/json", "main")
        return self.bad


BROKEN = Reply(500, error="ModelError", message="broken")


def test_a_canary_is_asked_of_sagemaker_with_every_alarm() -> None:
    story = a_canary_that_bakes()
    (request,) = story.tools.hosting.requests("update_endpoint")
    routing = request["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["CanarySize"] == {"Type": "INSTANCE_COUNT", "Value": 1}
    assert len(request["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]) == 3


def test_a_partial_bake_is_probed_enough_to_meet_the_new_fleet() -> None:
    story = a_canary_that_bakes()
    before = invocations(story)
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    assert invocations(story) - before == 20  # of a quarter of the traffic: 17 meet the fleet, 20 feed its alarms
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    assert invocations(story) - before == 40


def test_nothing_is_probed_while_the_new_fleet_comes_up() -> None:
    story = a_canary_that_bakes()
    story.tools.hosting.endpoints["churn"]["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"] = []
    before = invocations(story)
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    assert invocations(story) == before


def test_the_canary_leads_to_the_full_bake_and_live() -> None:
    story = a_canary_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.BAKING
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.tools.hosting.settle("churn")
    story.step(Phase.WATCH_ALARMS)
    story.step(Phase.PROMOTE_RELEASE)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.LIVE


@pytest.mark.parametrize("bad", [BROKEN, Reply(0, error="ModelError"), Reply(0, error="ServiceUnavailable")])
def test_probes_that_fail_on_transport_veto_the_deployment(bad: Reply) -> None:
    story = a_canary_that_bakes()
    story.tools.hosting.answer = EveryNth(4, bad)
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.FAILED
    undone = story.step(Phase.ROLL_BACK_RELEASE)
    assert undone is not None
    assert undone.answer is Answer.IN_DEPLOYMENT
    story.step(Phase.VETO_DEPLOYMENT)
    story.tools.hosting.roll_back("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert "25% of the traffic" in story.release.reason


def test_a_single_failure_is_asked_again_before_it_counts() -> None:
    story = a_canary_that_bakes()
    story.tools.hosting.answer = EveryNth(45, BROKEN)
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    before = invocations(story)
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    assert invocations(story) - before == 40


def test_what_probes_found_once_is_not_made_good_by_a_later_burst() -> None:
    story = a_canary_that_bakes()
    story.tools.hosting.answer = EveryNth(2, BROKEN)
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.answer = EveryNth(10**6, BROKEN)
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.FAILED


def test_a_wrong_answer_of_a_probe_says_nothing_since_any_fleet_may_have_given_it() -> None:
    story = a_canary_that_bakes()
    story.tools.hosting.answer = EveryNth(1, Reply(200, b'{"ok": false}', "application/json", "main"))
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None


def test_a_client_error_of_a_probe_says_nothing() -> None:
    story = a_canary_that_bakes()
    story.tools.hosting.answer = EveryNth(1, Reply(415, error="ModelError"))
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None


def test_probing_ends_when_its_time_is_up() -> None:
    story = a_canary_that_bakes()

    def slowly(_invocation: Invocation) -> Reply:
        story.tools.clock.advance(11)
        return Reply(200, b'{"ok": true}', "application/json", "main")

    story.tools.hosting.answer = slowly
    before = invocations(story)
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    assert invocations(story) - before == 3


def test_a_rolling_deployment_is_watched_for_the_wait_of_its_last_batch() -> None:
    story = a_canary_that_bakes({"rollout": {"strategy": "rolling", "wait_seconds": 400}})
    story.tools.hosting.bake("churn")
    verdict = story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert verdict is not None
    assert (verdict.answer, verdict.route["watch_seconds"]) == (Answer.BAKING, 100)


def test_a_fleet_that_was_scaled_out_keeps_its_size() -> None:
    first = a_live_endpoint(spec=FOUR)
    first.tools.hosting.endpoints["churn"]["ProductionVariants"][0]["DesiredInstanceCount"] = 7
    story = Story(first.tools, "execution-2")
    story.start(version="2", spec=FOUR, body=archive(model_joblib="v2"))
    (request,) = story.tools.hosting.requests("update_endpoint")
    assert request["RetainAllVariantProperties"] is True
    assert "ExcludeRetainedVariantProperties" not in request
    assert story.release.fact(Phase.VERIFY_CONFIG, "instances") == 7


@pytest.mark.parametrize(("live", "wanted", "after"), [(4, 2, 2), (4, 6, 6), (7, 6, 7), (7, 9, 9)])
def test_a_count_that_the_spec_changes_holds_unless_somebody_scaled_beyond_it(
    live: int, wanted: int, after: int
) -> None:
    first = a_live_endpoint(spec=FOUR)
    first.tools.hosting.endpoints["churn"]["ProductionVariants"][0]["DesiredInstanceCount"] = live
    story = Story(first.tools, "execution-2")
    spec = {"smoke": [SMOKE], "serve": {"instance_count": wanted}}
    story.start(version="2", spec=spec, body=archive(model_joblib="v2"))
    (request,) = story.tools.hosting.requests("update_endpoint")
    taken = [part["VariantPropertyType"] for part in request.get("ExcludeRetainedVariantProperties", [])]
    assert taken == ([] if after == live else ["DesiredInstanceCount"])
    assert story.release.fact(Phase.VERIFY_CONFIG, "instances") == after


def an_update_watched_for_an_hour() -> Story:
    """Let an update bake for 300 s that is to be watched for 3600 s, until SageMaker has ended its bake."""
    story = a_canary_that_bakes({"rollout": {}, "watch": {"seconds": 3600}})
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.tools.hosting.settle("churn")
    return story


def test_a_watch_that_is_longer_than_the_bake_goes_on_after_it() -> None:
    story = an_update_watched_for_an_hour()
    assert story.step(Phase.WATCH_ALARMS, round=47) is None
    assert story.step(Phase.WATCH_ALARMS, round=48) is not None
    assert story.answer(Phase.WATCH_ALARMS) is Answer.QUIET


def test_an_alarm_after_the_bake_leaves_a_cold_rollback_and_says_so() -> None:
    story = an_update_watched_for_an_hour()
    story.tools.alarms.ring(f"slipway-{story.release.fact(Phase.CREATE_CONFIG, 'config')}-model")
    verdict = story.step(Phase.WATCH_ALARMS)
    assert verdict is not None
    assert (verdict.answer, verdict.route) == (Answer.RINGING, {"baking": False})
    assert "cold rollback" in verdict.reason
    started = story.step(Phase.ROLL_BACK_RELEASE)
    assert started is not None
    assert started.answer is Answer.STARTED


def test_the_cases_that_the_archive_brought_are_probed_too() -> None:
    first = a_live_endpoint(spec=FOUR)
    story = Story(first.tools, "execution-2")
    case = json.dumps({"json": [[1]], "expect": {"json": {"ok": True}}}).encode()
    spec = {name: said for name, said in CANARY.items() if name != "smoke"}
    story.start(version="2", spec=spec, body=packed({"model.joblib": b"v2", "smoke/row.json": case}))
    story.tools.hosting.bake("churn", "canary")
    before = invocations(story)
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    assert invocations(story) - before == 20

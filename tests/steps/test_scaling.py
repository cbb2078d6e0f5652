"""An endpoint that follows its traffic: set up when a release is promoted, kept by the next ones, brought back."""

from typing import Any

import pytest

from slipway.record.announcements import text
from slipway.release.phases import Phase
from slipway.release.scaled import Scaled
from slipway.release.verdicts import Answer, Finding, Outcome
from slipway.rollout.autoscaling import POLICY
from tests.fakes.tools import FakeTools, archive
from tests.steps.stories import Story, a_live_endpoint

WANTED = {"max_capacity": 4, "target_invocations_per_instance": 900}
VARIANT = ("churn", "main")


def another(tools: FakeTools, version: str = "2", **spec: Any) -> Story:
    """Release another version up to the moment when the endpoint is asked to change."""
    tools.clock.advance(60)
    story = Story(tools, f"execution-{version}")
    story.start(version=version, spec=spec, body=archive(model_joblib=f"v{version}"))
    return story


def finished(story: Story) -> Story:
    story.tools.hosting.settle("churn")
    story.finish()
    return story


def refusals(story: Story) -> list[str]:
    return [finding.code for finding in story.release.phases[Phase.VERIFY_CONFIG].findings]


def rolled_back(tools: FakeTools, to: str = "") -> Story:
    """Go back on request, to the end."""
    story = Story(tools, f"execution-back-{to}")
    detail = {"kind": "rollback", "endpoint": "churn", **({"to": to} if to else {})}
    event = {"source": "slipway.releases", "detail-type": "Release Requested", "detail": detail, "id": "event-back"}
    story.read({**event, "time": "2026-01-05T13:00:00Z"})
    for phase in (Phase.WAIT_FOR_TURN, Phase.ROLL_BACK_RELEASE):
        story.step(phase)
    tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    return story


def test_a_promoted_release_is_scaled_as_its_spec_asks_and_not_before() -> None:
    story = Story()
    story.start(spec={"autoscaling": {**WANTED, "scale_in_cooldown_seconds": 60}})
    assert story.tools.scaling.scaled == {}
    finished(story)
    scaled = story.tools.scaling.scaled[VARIANT]
    assert (scaled.minimum, scaled.maximum) == (1, 4)
    assert scaled.policies[POLICY] == {
        "TargetValue": 900,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleOutCooldown": 300,
        "ScaleInCooldown": 60,
    }
    assert story.release.outcome is Outcome.LIVE


def test_promoting_twice_is_promoting_once() -> None:
    story = a_live_endpoint(spec={"autoscaling": WANTED})
    before = dict(story.tools.scaling.scaled)
    verdict = story.step(Phase.PROMOTE_RELEASE)
    assert verdict is not None
    assert verdict.answer is Answer.LIVE
    assert story.tools.scaling.scaled == before


@pytest.mark.parametrize("operation", ["register", "track"])
def test_a_good_model_is_live_although_it_cannot_be_scaled_and_says_so(operation: str) -> None:
    story = Story()
    story.start(spec={"autoscaling": WANTED})
    story.tools.scaling.refuse(operation, "ValidationException", "User is missing the following permissions: x")
    finished(story)
    assert story.release.outcome is Outcome.LIVE
    assert "but: Application Auto Scaling refused: ValidationException User is missing" in story.release.reason
    told = text(story.release, Outcome.LIVE, story.release.reason)
    assert "set the scaling by hand or release again" in told


def test_what_others_registered_survives_a_release_that_says_nothing_of_it() -> None:
    tools = a_live_endpoint().tools
    theirs = tools.scaling.scaled[VARIANT] = Scaled(1, 9, {"theirs": {"TargetValue": 70.0}})
    story = finished(another(tools))
    assert story.release.outcome is Outcome.LIVE
    assert tools.scaling.scaled[VARIANT] == theirs
    assert not {"register", "track", "untrack", "deregister"} & set(tools.scaling.calls)


@pytest.mark.parametrize("asked", [1, 2, 3, 5])
def test_the_live_count_of_what_is_scaled_stays_whatever_the_spec_counts(asked: int) -> None:
    tools = a_live_endpoint(spec={"serve": {"instance_count": 2}}).tools
    tools.scaling.scaled[VARIANT] = Scaled(1, 9, {"theirs": {}})
    tools.hosting.endpoints["churn"]["ProductionVariants"][0]["DesiredInstanceCount"] = 3
    another(tools, serve={"instance_count": asked})
    (request,) = tools.hosting.requests("update_endpoint")
    assert request["RetainAllVariantProperties"] is True
    assert "ExcludeRetainedVariantProperties" not in request


def test_nothing_is_changed_for_a_spec_that_cannot_be_scaled_as_it_asks() -> None:
    tools = a_live_endpoint().tools
    tools.scaling.scaled[VARIANT] = Scaled(1, 9, {"theirs": {}})
    tools.hosting.endpoints["churn"]["ProductionVariants"][0]["DesiredInstanceCount"] = 6
    story = another(tools, serve={"instance_type": "ml.c5.large"}, autoscaling=WANTED)
    assert refusals(story) == ["AUTOSCALING_INSTANCE_TYPE", "AUTOSCALING_FOREIGN", "AUTOSCALING_BELOW_LIVE"]
    assert tools.hosting.requests("update_endpoint") == []
    steps = [finding.next_step for finding in story.release.phases[Phase.VERIFY_CONFIG].findings]
    assert "aws application-autoscaling deregister-scalable-target" in steps[0]


def test_a_target_without_a_policy_is_nobodys_and_may_be_taken() -> None:
    tools = a_live_endpoint().tools
    tools.scaling.scaled[VARIANT] = Scaled(1, 2)
    finished(another(tools, autoscaling=WANTED))
    assert tools.scaling.scaled[VARIANT].maximum == 4


def test_zero_removes_what_slipway_set_up_and_leaves_what_others_did() -> None:
    tools = a_live_endpoint(spec={"autoscaling": WANTED}).tools
    finished(another(tools, autoscaling={"max_capacity": 0}))
    assert tools.scaling.scaled == {}
    tools.scaling.scaled[VARIANT] = Scaled(1, 9, {"theirs": {}})
    finished(another(tools, "3", autoscaling={"max_capacity": 0}))
    assert tools.scaling.scaled[VARIANT].policies == {"theirs": {}}


def test_zero_keeps_the_target_on_which_a_policy_of_somebody_else_hangs() -> None:
    tools = a_live_endpoint(spec={"autoscaling": WANTED}).tools
    tools.scaling.scaled[VARIANT].policies["theirs"] = {}
    finished(another(tools, autoscaling={"max_capacity": 0}))
    assert tools.scaling.scaled[VARIANT].policies == {"theirs": {}}


def test_a_rollback_brings_back_the_limits_and_the_policy_of_before() -> None:
    tools = a_live_endpoint(spec={"autoscaling": WANTED}).tools
    finished(another(tools, autoscaling={"max_capacity": 8, "target_invocations_per_instance": 50}))
    assert tools.scaling.scaled[VARIANT].maximum == 8
    story = rolled_back(tools)
    assert story.release.outcome is Outcome.ROLLED_BACK
    scaled = tools.scaling.scaled[VARIANT]
    assert (scaled.maximum, scaled.policies[POLICY]["TargetValue"]) == (4, 900)


def test_a_rollback_to_what_was_not_scaled_ends_the_scaling() -> None:
    tools = a_live_endpoint().tools
    finished(another(tools, autoscaling=WANTED))
    rolled_back(tools)
    assert tools.scaling.scaled == {}


def test_a_rollback_further_back_scales_as_that_release_asked() -> None:
    first = a_live_endpoint(spec={"autoscaling": WANTED})
    tools = first.tools
    finished(another(tools, "2", autoscaling={"max_capacity": 8, "target_invocations_per_instance": 50}))
    finished(another(tools, "3", autoscaling={"max_capacity": 9, "target_invocations_per_instance": 60}))
    rolled_back(tools, to=first.release_id)
    assert tools.scaling.scaled[VARIANT].maximum == 4


def test_a_release_that_died_while_it_was_promoted_is_scaled_back_with_it() -> None:
    tools = a_live_endpoint(spec={"autoscaling": WANTED}).tools
    story = another(tools, autoscaling={"max_capacity": 8, "target_invocations_per_instance": 50})
    tools.hosting.settle("churn")
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS):
        story.step(phase)
    tools.ledger.intend(story.release, Phase.PROMOTE_RELEASE, scaling=True)
    tools.scaling.register(*VARIANT, 1, 8)
    story.step(Phase.ROLL_BACK_RELEASE)
    assert tools.scaling.scaled[VARIANT].maximum == 4


def test_scaling_that_cannot_be_brought_back_does_not_stop_the_way_back() -> None:
    tools = a_live_endpoint().tools
    finished(another(tools, autoscaling=WANTED))
    tools.scaling.refuse("untrack", "ConcurrentUpdateException", "another update is pending")
    story = rolled_back(tools)
    assert story.release.outcome is Outcome.ROLLED_BACK
    findings: list[Finding] = list(story.release.phases[Phase.ROLL_BACK_RELEASE].findings)
    assert [finding.code for finding in findings] == ["AUTOSCALING_NOT_APPLIED"]


def test_going_back_to_other_instances_ends_the_scaling_first() -> None:
    tools = a_live_endpoint().tools
    finished(another(tools, serve={"instance_type": "ml.c5.large"}, autoscaling=WANTED))
    tools.hosting.calls.clear()
    story = rolled_back(tools)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert tools.scaling.calls[-2:] == ["untrack", "deregister"]


def test_a_rollback_further_back_to_other_instances_ends_the_scaling_too() -> None:
    first = a_live_endpoint()
    tools = first.tools
    finished(another(tools, "2", serve={"instance_type": "ml.c5.large"}, autoscaling=WANTED))
    finished(another(tools, "3", serve={"instance_type": "ml.c5.large"}))
    rolled_back(tools, to=first.release_id)
    assert tools.scaling.scaled == {}


def test_a_release_is_live_although_traffic_rescales_its_endpoint_at_once() -> None:
    tools = a_live_endpoint(spec={"autoscaling": WANTED}).tools
    story = another(tools, autoscaling=WANTED)
    tools.hosting.settle("churn")
    tools.hosting.remain("churn", "Updating")
    story.finish()
    assert story.release.outcome is Outcome.LIVE, story.release.reason


class TestTags:
    def test_an_update_gives_the_endpoint_the_tags_of_the_spec(self) -> None:
        tools = a_live_endpoint().tools
        story = finished(another(tools, tags={"team": "shop"}))
        (given,) = tools.hosting.requests("tag")
        assert given["tags"] == {"team": "shop", "slipway:release": story.release_id, "slipway:endpoint": "churn"}
        assert given["arn"] == tools.hosting.endpoints["churn"]["EndpointArn"]

    def test_a_first_release_and_one_without_tags_need_no_further_call(self) -> None:
        tools = a_live_endpoint(spec={"tags": {"team": "shop"}}).tools
        finished(another(tools, tags={}))
        assert tools.hosting.requests("tag") == []

    def test_tags_that_are_refused_are_told_and_the_release_is_live(self) -> None:
        tools = a_live_endpoint().tools
        story = another(tools, tags={"team": "shop"})
        tools.hosting.refuse("tag", "AccessDeniedException", "no sagemaker:AddTags")
        finished(story)
        assert story.release.outcome is Outcome.LIVE
        assert "but: The endpoint could not be given its tags" in story.release.reason

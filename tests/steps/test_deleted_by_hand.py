"""Somebody deleted the live config or the live model, which SageMaker allows while they serve."""

from typing import Any

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Finding, Outcome
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint
from tests.steps.test_operators_rollback import end, rollback, serving
from tests.steps.test_ways_back import answer_wrongly

COLD = {"smoke": [SMOKE], "watch": {"seconds": 1800}}


def delete_config(story: Story) -> None:
    del story.tools.hosting.configs[story.release.fact(Phase.CREATE_CONFIG, "config")]


def delete_model(story: Story) -> None:
    del story.tools.hosting.models[story.release.fact(Phase.CREATE_MODEL, "model")]


def drop(over: Story, number: int, **spec: Any) -> Story:
    """Drop another version and look at what serves."""
    story = Story(over.tools, f"execution-{number}")
    story.tools.clock.advance(60)
    story.drop(version=str(number), spec={**COLD, **spec}, body=archive(model_joblib=f"v{number}"))
    story.through(Phase.VERIFY_CONFIG)
    return story


def found(story: Story) -> tuple[Finding, ...]:
    return story.release.phases[Phase.VERIFY_CONFIG].findings


def live(over: Story, number: int) -> Story:
    story = drop(over, number)
    for phase in (Phase.CREATE_CONFIG, Phase.CREATE_ENDPOINT):
        story.step(phase)
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    for phase in (Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS):
        story.step(phase, round=100)
    story.step(Phase.PROMOTE_RELEASE)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.LIVE
    return story


def gone_wrong(story: Story) -> Story:
    """Let a release that was looked at come into service, without an old fleet, and fail its smoke."""
    for phase in (Phase.CREATE_CONFIG, Phase.CREATE_ENDPOINT):
        story.step(phase)
    story.tools.hosting.settle("churn")
    story.tools.hosting.answer = answer_wrongly
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS):
        story.step(phase)
    return story


def undone(story: Story) -> Answer:
    verdict = story.step(Phase.ROLL_BACK_RELEASE)
    assert verdict is not None
    return verdict.answer


def test_a_config_that_is_gone_is_named_with_the_way_to_go_on() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    delete_config(first)
    (finding,) = found(drop(first, 2))
    assert finding.code == "CONFIG_GONE"
    assert first.release.fact(Phase.CREATE_CONFIG, "config") in finding.message
    assert "--force" in finding.next_step


def test_a_release_that_is_forced_over_a_config_that_is_gone_makes_it_anew_first() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE], "capture": {"percent": 10}})
    config = first.release.fact(Phase.CREATE_CONFIG, "config")
    before = first.tools.hosting.configs[config]
    delete_config(first)
    second = drop(first, 2, force=True)
    assert second.answer(Phase.VERIFY_CONFIG) is Answer.ACCEPTABLE
    assert [finding.code for finding in found(second)] == ["FORCED"]
    assert "made anew" in found(second)[0].message
    for phase in (Phase.CREATE_CONFIG, Phase.CREATE_ENDPOINT):
        second.step(phase)
    after = second.tools.hosting.configs[config]
    assert {**after, "CreationTime": ""} == {**before, "CreationTime": ""}
    assert second.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED


def test_a_config_that_is_gone_and_was_adopted_cannot_be_made_anew() -> None:
    story = Story()
    story.tools.hosting.serve("churn", "theirs")
    story.start(spec={"adopt": True})
    story.tools.hosting.roll_back("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.CLOSE_RELEASE)
    del story.tools.hosting.configs["theirs"]
    assert [finding.code for finding in found(drop(story, 2, force=True))] == ["CONFIG_GONE"]


def test_a_model_that_is_gone_is_told_before_a_release_with_a_cold_way_back() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    delete_model(first)
    second = drop(first, 2)
    assert second.answer(Phase.VERIFY_CONFIG) is Answer.ACCEPTABLE
    assert [finding.code for finding in found(second)] == ["MODEL_GONE"]


def test_a_cold_way_back_leads_past_a_model_that_is_gone_and_the_live_pointer_follows() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    second = live(first, 2)
    third = gone_wrong(drop(second, 3))
    delete_model(second)
    assert undone(third) is Answer.STARTED
    third.tools.hosting.settle("churn")
    third.step(Phase.WAIT_FOR_ROLLBACK)
    third.step(Phase.CLOSE_RELEASE)
    assert (third.release.outcome, serving(third)) == (Outcome.ROLLED_BACK, first.release_id)


def test_a_detour_that_is_looked_at_again_is_the_same_one() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    second = live(first, 2)
    third = gone_wrong(drop(second, 3))
    delete_config(second)
    assert (undone(third), undone(third)) == (Answer.STARTED, Answer.STARTED)
    assert len(third.tools.hosting.requests("update_endpoint")) == 3


def test_where_nothing_can_serve_again_a_human_is_told_what_is_missing() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    second = gone_wrong(drop(first, 2))
    delete_model(first)
    assert undone(second) is Answer.IMPOSSIBLE
    second.step(Phase.CLOSE_RELEASE)
    assert second.release.outcome is Outcome.NEEDS_HUMAN
    assert f"the model {first.release.fact(Phase.CREATE_MODEL, 'model')}" in second.release.reason


def test_a_rollback_leads_past_what_is_gone_unless_its_goal_was_named() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    second = live(first, 2)
    third = live(second, 3)
    delete_config(second)
    named = rollback(third, to=second.release_id)
    outcome, reason = end(named)
    assert (outcome, "was deleted" in reason) == (Outcome.REJECTED, True)
    assert end(rollback(third, "execution-5", at="2026-01-05T13:00:05Z"))[0] is Outcome.ROLLED_BACK
    assert serving(third) == first.release_id

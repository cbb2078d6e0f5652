"""What is approved before its promotion may be judged while it bakes: a no is then as fast as a veto."""

from slipway.record.news import News
from slipway.release.phases import Phase
from slipway.release.release import waits_at
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import Bench
from tests.steps.stories import Story, an_update_that_bakes

ALICE = "arn:aws:sts::111122223333:assumed-role/Release/alice"


def baking() -> Story:
    """An update that is watched in its bake, and asks for a human before it is promoted."""
    story = an_update_that_bakes({"approval": {"before": "promotion"}})
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert story.step(Phase.WATCH_ALARMS) is None
    return story


def answer(story: Story, *, approve: bool) -> None:
    detail = {"release": story.release_id, "approve": approve, "reason": "seen it", "requested_by": ALICE}
    event = {"id": "e1", "source": "slipway.releases", "detail-type": "Release Approval", "account": "111122223333"}
    Bench(story.tools, "execution-approval").read({**event, "detail": detail})


def test_people_are_asked_as_soon_as_the_new_fleet_bakes_and_once() -> None:
    story = baking()
    story.step(Phase.WATCH_ALARMS, round=1)
    asked = [told for told in story.tools.announcer.announced if told.detail_type == News.AWAITS_APPROVAL]
    assert len(asked) == 1
    assert "brings it back at once" in asked[0].text
    assert waits_at(story.release) is Phase.WAIT_FOR_FINAL_APPROVAL


def test_a_no_in_the_bake_lets_sagemaker_put_the_old_fleet_back() -> None:
    story = baking()
    answer(story, approve=False)
    verdict = story.step(Phase.WATCH_ALARMS, looks=1)
    assert verdict is not None
    assert verdict.answer is Answer.RINGING
    assert "baking" not in verdict.route
    story.step(Phase.VETO_DEPLOYMENT)
    story.tools.hosting.roll_back("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert f"refused by {ALICE}" in story.release.reason


def test_a_yes_in_the_bake_promotes_at_its_end_without_another_wait() -> None:
    story = baking()
    answer(story, approve=True)
    assert story.step(Phase.WATCH_ALARMS, looks=1) is None
    assert waits_at(story.release) is None
    story.tools.hosting.settle("churn")
    verdict = story.step(Phase.WATCH_ALARMS, looks=2)
    assert verdict is not None
    assert (verdict.answer, f"approved by {ALICE}" in verdict.reason) == (Answer.QUIET, True)
    story.step(Phase.PROMOTE_RELEASE)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.LIVE


def test_an_alarm_after_an_early_yes_still_counts() -> None:
    story = baking()
    answer(story, approve=True)
    (alarm, *_) = story.release.fact(Phase.CREATE_CONFIG, "alarms")
    story.tools.alarms.ring(alarm)
    verdict = story.step(Phase.WATCH_ALARMS, looks=1)
    assert verdict is not None
    assert verdict.answer is Answer.RINGING


def test_nobody_is_asked_where_no_promotion_waits() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.step(Phase.WATCH_ALARMS)
    assert waits_at(story.release) is None

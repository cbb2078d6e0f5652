"""SageMaker gives no answer for a while: who waits looks again, and judges when it can see."""

import pytest

from slipway.errors import UnavailableError
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint, an_update_that_bakes

LONG = 50


def blind(story: Story, phase: Phase) -> None:
    """Let a wait look many times without an answer."""
    for _ in range(LONG):
        story.tools.hosting.hide()
        assert story.step(phase) is None


def test_a_storm_before_the_bake_is_waited_out() -> None:
    story = an_update_that_bakes()
    blind(story, Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.BAKING


def test_a_storm_in_the_bake_is_waited_out_and_the_release_goes_live() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    blind(story, Phase.WATCH_ALARMS)
    story.tools.hosting.settle("churn")
    for phase in (Phase.WATCH_ALARMS, Phase.PROMOTE_RELEASE, Phase.CLOSE_RELEASE):
        story.step(phase)
    assert story.release.outcome is Outcome.LIVE


def test_an_alarm_that_rings_in_a_storm_is_heard() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.alarms.ring(f"slipway-{story.release.fact(Phase.CREATE_CONFIG, 'config')}-5xx")
    story.tools.hosting.hide()
    verdict = story.step(Phase.WATCH_ALARMS)
    assert verdict is not None
    assert (verdict.answer, verdict.route) == (Answer.RINGING, {})


def test_alarms_that_cannot_be_read_are_no_quiet_ones() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)

    def unreadable(_names: object) -> dict[str, object]:
        raise UnavailableError("DescribeAlarms: Throttling")

    story.tools.alarms.describe = unreadable  # type: ignore[assignment,method-assign]
    with pytest.raises(UnavailableError):
        story.step(Phase.WATCH_ALARMS)


def test_a_storm_on_the_way_back_is_waited_out() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.VETO_DEPLOYMENT, trouble="the smoke crashed")
    blind(story, Phase.WAIT_FOR_ROLLBACK)
    story.tools.hosting.roll_back("churn", "an alarm rang")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK


def test_an_update_that_was_taken_is_under_way_even_if_nobody_can_look() -> None:
    first = a_live_endpoint()
    story = Story(first.tools, "execution-2")
    story.drop(version="2", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v2"))
    story.through(Phase.CREATE_CONFIG)
    story.tools.hosting.hide()
    story.step(Phase.CREATE_ENDPOINT)
    assert story.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED
    assert story.release.fact(Phase.CREATE_ENDPOINT, "seen_moving") is False


def test_who_promotes_must_see() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.tools.hosting.settle("churn")
    story.step(Phase.WATCH_ALARMS)
    story.tools.hosting.hide()
    with pytest.raises(UnavailableError):
        story.step(Phase.PROMOTE_RELEASE)
    live = story.tools.ledger.live("churn")
    assert live is not None
    assert live.release != story.release_id

"""What people are told, when, and that nothing depends on it."""

import json
from typing import Any

import pytest

from slipway.record.announcements import WORDS
from slipway.record.news import News
from slipway.release.phases import Phase
from slipway.release.spec import Rollout
from slipway.release.verdicts import Answer, Outcome
from slipway.rollout.bake_cost import bake_cost
from slipway.rollout.plan import Plan
from tests.fakes.tools import FakeTools, archive
from tests.steps.announcements_page import PAGE, renewed, told
from tests.steps.stories import SMOKE, Story, a_live_endpoint, an_update_that_bakes
from tests.steps.test_gradual_rollouts import a_canary_that_bakes
from tests.steps.test_waiting_for_a_human import BEFORE_PROMOTION, at_the_end, at_the_start, decide


def news(tools: FakeTools) -> list[str]:
    return [announcement.detail_type for announcement in tools.announcer.announced]


def test_the_page_shows_what_is_announced() -> None:
    assert PAGE.read_text() == renewed(PAGE.read_text()), "Renew it: python -m tests.steps.announcements_page"


def test_the_page_names_every_event() -> None:
    ends = {f"Release {outcome.value.replace('_', ' ').title()}" for outcome in WORDS}
    assert all(f"`{name}`" in PAGE.read_text() for name in [*News, *ends])


def test_an_update_is_told_from_its_start_to_its_end() -> None:
    assert [announcement.detail_type for announcement in told()] == [
        "Release Awaits Approval",
        "Release Started",
        "Release Baking",
        "Release Rolling Back",
        "Release Rolled Back",
    ]


def test_every_announcement_can_be_told_from_every_other_and_has_a_next_command() -> None:
    details = [announcement.detail for announcement in told()]
    assert len({detail["id"] for detail in details}) == len(details)
    assert all(detail["next"].startswith("slipway ") and detail["reason"] for detail in details)
    json.dumps(details)


def test_a_first_release_has_no_bake_and_costs_none() -> None:
    story = Story()
    story.start()
    (started,) = story.tools.announcer.announced
    assert (started.detail_type, started.detail["bake_cost"]) == ("Release Started", None)


def test_a_wait_that_is_looked_at_often_is_told_once() -> None:
    story = a_canary_that_bakes()
    for _ in range(3):
        story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert news(story.tools).count("Release Baking") == 1
    waiting = at_the_end()
    waiting.step(Phase.WAIT_FOR_FINAL_APPROVAL)
    assert news(waiting.tools).count("Release Awaits Approval") == 1


def test_who_must_approve_is_told_how_and_how_long_it_takes() -> None:
    story = at_the_start()
    asked = story.tools.announcer.announced[-1]
    assert f"Next: slipway approve {story.release_id}\nOr: slipway approve {story.release_id} --refuse" in asked.text
    assert asked.detail["expires_seconds"] == 3600
    assert asked.detail["bake_cost"] == {
        "instance_type": "ml.m5.large",
        "instances": 1,
        "seconds": 300,
        "instance_hours": 0.08,
    }


def test_an_approval_and_its_approver_stand_in_what_is_told_afterwards() -> None:
    story = at_the_start()
    decide(story.tools, story.release_id, by="carol")
    for phase in (Phase.WAIT_FOR_APPROVAL, Phase.CREATE_CONFIG, Phase.CREATE_ENDPOINT):
        story.step(phase)
    started = story.tools.announcer.announced[-1]
    assert any("approved by carol" in line for line in started.detail["evidence"])


def test_a_release_that_is_refused_before_it_starts_is_told_at_its_end_only() -> None:
    story = Story()
    story.drop(spec={"serve": {"instance_count": 99}})
    story.step(Phase.CLOSE_RELEASE)
    assert news(story.tools) == ["Release Rejected"]


def test_a_rollback_that_somebody_asks_for_is_told_with_who_asked() -> None:
    second = an_update_that_bakes()
    second.tools.hosting.settle("churn")
    second.finish()
    back = Story(second.tools, "execution-3")
    detail = {"kind": "rollback", "endpoint": "churn", "requested_by": "alice"}
    back.read({"id": "r", "source": "slipway.releases", "detail-type": "Release Requested", "detail": detail})
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    going = back.tools.announcer.announced[-1]
    assert going.detail_type == "Release Rolling Back"
    assert going.detail["evidence"] == ["asked for by alice"]


def through_everything(tools: FakeTools) -> Story:
    """An update that waits for a human twice over, bakes, and goes live."""
    story = Story(a_live_endpoint(tools, spec={"smoke": [SMOKE]}).tools, "execution-2")
    story.tools.clock.advance(60)
    story.start(version="2", spec=BEFORE_PROMOTION, body=archive(model_joblib="v2"))
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.tools.hosting.settle("churn")
    story.step(Phase.WATCH_ALARMS)
    story.step(Phase.WAIT_FOR_FINAL_APPROVAL)
    decide(story.tools, story.release_id)
    story.step(Phase.WAIT_FOR_FINAL_APPROVAL)
    story.step(Phase.PROMOTE_RELEASE)
    story.step(Phase.CLOSE_RELEASE)
    return story


@pytest.mark.parametrize("mute", [False, True])
def test_nobody_who_could_be_told_changes_nothing_and_is_counted(
    mute: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = FakeTools()
    tools.announcer.mute = mute
    story = through_everything(tools)
    assert story.release.outcome is Outcome.LIVE
    counted = [line for line in capsys.readouterr().out.splitlines() if '"not_announced"' in line]
    assert bool(counted) is mute


@pytest.mark.parametrize("is_vetoed", [True, False])
def test_the_way_back_is_taken_although_nobody_could_be_told(is_vetoed: bool) -> None:
    story = an_update_that_bakes()
    story.tools.announcer.mute = True
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    if is_vetoed:
        assert _answer(story, Phase.VETO_DEPLOYMENT) is Answer.VETOED
    story.tools.hosting.settle("churn")
    assert _answer(story, Phase.ROLL_BACK_RELEASE) is Answer.STARTED


def _answer(story: Story, phase: Phase) -> Any:
    verdict = story.step(phase)
    assert verdict is not None
    return verdict.answer


@pytest.mark.parametrize(
    ("rollout", "instances", "hours"),
    [
        (Rollout(bake_seconds=600), 6, 1.0),
        (Rollout(strategy="canary", wait_seconds=300, bake_seconds=300), 6, 1.0),
        (Rollout(strategy="rolling", step_instances=2, wait_seconds=600), 2, 1.0),
        (Rollout(strategy="rolling", step_percent=50, wait_seconds=300), 3, 0.5),
    ],
)
def test_a_bake_costs_the_fleet_or_the_batch_that_runs_beside(rollout: Rollout, instances: int, hours: float) -> None:
    cost = bake_cost(Plan(rollout, 6), [("ml.m5.large", 6)])
    assert (cost.instances, cost.instance_hours) == (instances, hours)

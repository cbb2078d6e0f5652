"""`abort`: a release stops at its next look, and what served before serves again."""

from typing import Any

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome, Verdict
from tests.fakes.tools import Bench, FakeTools, archive
from tests.steps.stories import Story, a_live_endpoint, an_update_that_bakes


def abort(tools: FakeTools, **asked: Any) -> Verdict:
    detail = {"kind": "abort", "requested_by": "alice", **asked}
    event = {"id": "e", "source": "slipway.releases", "detail-type": "Release Requested", "detail": detail}
    verdict = Bench(tools, "execution-abort").read(event)
    assert verdict.answer is Answer.NOTHING
    return verdict


def test_a_release_that_bakes_is_vetoed() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert story.step(Phase.WATCH_ALARMS) is None
    assert "1 of its waits look now" in abort(story.tools, endpoint="churn").reason
    story.step(Phase.WATCH_ALARMS)
    assert story.answer(Phase.WATCH_ALARMS) is Answer.RINGING
    story.step(Phase.VETO_DEPLOYMENT)
    story.tools.hosting.roll_back("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert (story.release.outcome, story.release.reason) == (
        Outcome.ROLLED_BACK,
        "Watch the Alarms: aborted by alice",
    )


def test_a_release_whose_fleet_comes_up_is_vetoed() -> None:
    first = a_live_endpoint()
    story = Story(first.tools, "execution-2")
    story.start(version="2", body=archive(model_joblib="v2"))
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    abort(story.tools, release=story.release_id)
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.FAILED
    undone = story.step(Phase.ROLL_BACK_RELEASE)
    assert undone is not None
    assert undone.answer is Answer.IN_DEPLOYMENT


def test_a_release_that_has_not_touched_its_endpoint_is_rejected() -> None:
    first = a_live_endpoint()
    story = Story(first.tools, "execution-2")
    story.drop(version="2", body=archive(model_joblib="v2"))
    story.through(Phase.CREATE_CONFIG)
    abort(story.tools, endpoint="churn")
    story.step(Phase.CREATE_ENDPOINT)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert "alice" in story.release.reason
    assert story.tools.hosting.requests("update_endpoint") == []


def test_a_release_that_waits_for_its_turn_leaves_the_queue() -> None:
    holder = an_update_that_bakes()
    story = Story(holder.tools, "execution-3")
    story.tools.clock.advance(60)
    story.drop(version="3", body=archive(model_joblib="v3"))
    story.step(Phase.VERIFY_ARTIFACT)
    assert story.step(Phase.WAIT_FOR_TURN) is None
    abort(story.tools, release=story.release_id)
    story.step(Phase.WAIT_FOR_TURN)
    story.step(Phase.CLOSE_RELEASE)
    turn = story.tools.ledger.turn("churn")
    assert story.release.outcome is Outcome.REJECTED
    assert turn is not None
    assert (turn.holder, turn.next) == (holder.release_id, None)


def test_what_is_over_is_not_aborted() -> None:
    story = a_live_endpoint()
    assert "over" in abort(story.tools, release=story.release_id).reason
    assert story.release.aborted_by == ""


def test_nothing_under_way_an_unknown_release_and_an_empty_request_are_said() -> None:
    tools = FakeTools()
    assert "no release to churn" in abort(tools, endpoint="churn").reason
    assert "holds no release" in abort(tools, release="20260101t000000-nobody-abcdef").reason
    assert abort(tools).reason

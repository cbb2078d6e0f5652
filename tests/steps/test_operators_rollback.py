"""A rollback that an operator asks for: from where, to where, and what becomes of the release under way."""

from typing import Any

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, an_update_that_bakes


def asked(at: str = "2026-01-05T13:00:00Z", **detail: str) -> dict[str, Any]:
    """Give the event of a rollback; by default of long after whatever was dropped."""
    detail = {"kind": "rollback", "endpoint": "churn", "requested_by": "alice", **detail}
    return {
        "id": f"event-{at}-{sorted(detail.items())}",
        "source": "slipway.releases",
        "detail-type": "Release Requested",
        "time": at,
        "detail": detail,
    }


def releases(story: Story) -> list[str]:
    """Name the releases that ended, oldest first."""
    return [line["release"] for line in reversed(story.tools.ledger.history("churn"))]


def two_live_and_one_under_way() -> tuple[Story, list[str]]:
    """Let version 2 be live over version 1, and version 3 bake over it; gives the third and the ids of the others."""
    second = an_update_that_bakes()
    second.tools.hosting.settle("churn")
    second.finish()
    coming = Story(second.tools, "execution-3")
    coming.tools.clock.advance(60)
    coming.start(version="3", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v3"))
    coming.tools.hosting.bake("churn")
    return coming, releases(coming)


def rollback(story: Story, execution: str = "execution-back", **detail: str) -> Story:
    """Ask for a rollback."""
    back = Story(story.tools, execution)
    assert back.read(asked(**detail)).answer is Answer.ROLLBACK
    return back


def end(back: Story) -> tuple[Outcome | None, str]:
    """Let a rollback that has its turn come to its end."""
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    if back.answer(Phase.ROLL_BACK_RELEASE) is Answer.STARTED:
        back.tools.hosting.settle("churn")
        back.step(Phase.WAIT_FOR_ROLLBACK)
    back.step(Phase.CLOSE_RELEASE)
    return back.release.outcome, back.release.reason


def stop(coming: Story) -> None:
    """Let a release that was told to stop look, be vetoed, and end."""
    coming.step(Phase.WAIT_FOR_IN_SERVICE)
    coming.step(Phase.VETO_DEPLOYMENT)
    coming.tools.hosting.roll_back("churn")
    coming.step(Phase.WAIT_FOR_ROLLBACK)
    coming.step(Phase.CLOSE_RELEASE)


def serving(story: Story) -> str:
    """Name the release that the live pointer names, and that the endpoint has the config of."""
    live = story.tools.ledger.live("churn")
    assert live is not None
    assert story.tools.hosting.endpoints["churn"]["EndpointConfigName"] == live.config
    return live.release


def test_while_a_release_is_under_way_it_stops_that_one_and_goes_back_no_further() -> None:
    coming, (_first, second) = two_live_and_one_under_way()
    back = rollback(coming)
    stop(coming)
    assert coming.release.outcome is Outcome.ROLLED_BACK
    assert "aborted by the rollback" in coming.release.reason
    outcome, reason = end(back)
    assert (outcome, serving(back)) == (Outcome.ROLLED_BACK, second)
    assert coming.release_id in reason


def test_a_release_that_was_promoted_before_it_could_stop_is_gone_back_from() -> None:
    coming, (_first, second) = two_live_and_one_under_way()
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS):
        coming.step(phase)
    coming.tools.hosting.settle("churn")
    coming.step(Phase.WATCH_ALARMS)
    coming.step(Phase.PROMOTE_RELEASE)
    back = rollback(coming)
    coming.step(Phase.CLOSE_RELEASE)
    assert serving(back) == coming.release_id
    assert end(back)[0] is Outcome.ROLLED_BACK
    assert serving(back) == second


def test_a_goal_that_is_named_is_gone_back_to_and_the_release_under_way_stops_too() -> None:
    coming, (first, _second) = two_live_and_one_under_way()
    back = rollback(coming, to=first)
    stop(coming)
    assert end(back)[0] is Outcome.ROLLED_BACK
    assert serving(back) == first


def test_a_release_that_began_after_the_request_is_not_what_was_meant() -> None:
    coming, (first, _second) = two_live_and_one_under_way()
    back = rollback(coming, at="2026-01-05T12:00:59Z")
    assert coming.release.aborted_by == ""
    assert back.release.to == first


def test_a_second_request_while_the_first_is_under_way_takes_no_second_step_back() -> None:
    coming, (_first, second) = two_live_and_one_under_way()
    back = rollback(coming)
    stop(coming)
    back.step(Phase.WAIT_FOR_TURN)
    again = rollback(coming, "execution-again", at="2026-01-05T13:00:01Z")
    end(back)
    assert end(again) == (Outcome.UNCHANGED, f"release {second} is live already")
    assert serving(again) == second


def test_without_anything_under_way_it_goes_one_release_back_and_then_another() -> None:
    coming, (first, second) = two_live_and_one_under_way()
    coming.tools.hosting.settle("churn")
    coming.finish()
    assert end(rollback(coming))[0] is Outcome.ROLLED_BACK
    assert serving(coming) == second
    assert end(rollback(coming, "execution-again", at="2026-01-05T13:00:01Z"))[0] is Outcome.ROLLED_BACK
    assert serving(coming) == first


def test_a_release_that_needs_a_human_is_gone_back_from_to_what_is_live() -> None:
    coming, (_first, second) = two_live_and_one_under_way()
    coming.tools.hosting.settle("churn")
    coming.step(Phase.CLOSE_RELEASE, trouble="nobody could look")
    assert coming.release.outcome is Outcome.NEEDS_HUMAN
    assert end(rollback(coming, to=second))[0] is Outcome.ROLLED_BACK
    assert serving(coming) == second


def test_a_first_release_that_is_under_way_is_stopped_and_there_is_nothing_to_go_back_to() -> None:
    first = Story()
    first.start()
    back = rollback(first)
    assert first.release.aborted_by == f"the rollback {back.release_id}"
    first.step(Phase.WAIT_FOR_IN_SERVICE)
    first.step(Phase.ROLL_BACK_RELEASE)
    first.tools.hosting.settle("churn")
    first.step(Phase.ROLL_BACK_RELEASE)
    first.tools.hosting.settle("churn")
    first.step(Phase.WAIT_FOR_ROLLBACK)
    first.step(Phase.CLOSE_RELEASE)
    assert first.tools.hosting.endpoints == {}
    outcome, reason = end(back)
    assert outcome is Outcome.REJECTED
    assert "no earlier release" in reason


def test_the_same_event_again_is_a_duplicate() -> None:
    coming, _ = two_live_and_one_under_way()
    rollback(coming)
    again = Story(coming.tools, "execution-again")
    assert again.read(asked()).answer is Answer.NOTHING


def test_what_somebody_put_back_by_hand_counts_as_live_once_it_is_asked_for() -> None:
    coming, (first, _second) = two_live_and_one_under_way()
    coming.tools.hosting.settle("churn")
    coming.finish()
    config = coming.tools.ledger.history("churn")[-1]["config"]
    coming.tools.hosting.update_endpoint({"EndpointName": "churn", "EndpointConfigName": config})
    coming.tools.hosting.settle("churn")
    outcome, reason = end(rollback(coming, to=first))
    assert (outcome, serving(coming)) == (Outcome.ROLLED_BACK, first)
    assert "counts as live again" in reason

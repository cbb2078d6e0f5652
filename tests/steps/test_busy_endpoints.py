"""An endpoint that something else changes is waited for with the turn in hand: an hour, or two for a way back."""

from typing import Any

import pytest

from slipway.release.approval import Decision
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome, Verdict
from slipway.steps.busy import MOVING, PATIENCE
from slipway.steps.wake import wake
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint
from tests.steps.test_operators_rollback import rollback, two_live_and_one_under_way
from tests.steps.test_recoveries import heir_of

AGAIN = (Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG)
RELEASED, BACK = PATIENCE.values()


def over_a_moving_endpoint(status: str = "Updating", **spec: Any) -> Story:
    """Drop version 2 while something changes the endpoint of version 1, up to the look at it."""
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    first.tools.hosting.remain("churn", status)
    story = Story(first.tools, "execution-2")
    story.tools.clock.advance(60)
    story.drop(version="2", spec={"smoke": [SMOKE], **spec}, body=archive(model_joblib="v2"))
    story.through(Phase.VERIFY_CONFIG)
    return story


def codes(verdict: Verdict | None) -> list[str]:
    assert verdict is not None
    return [finding.code for finding in verdict.findings]


@pytest.mark.parametrize("status", sorted(MOVING))
def test_an_endpoint_in_motion_is_waited_for(status: str) -> None:
    story = over_a_moving_endpoint(status)
    assert story.answer(Phase.VERIFY_CONFIG) is Answer.BUSY
    assert story.step(Phase.WAIT_FOR_TURN) is None


def test_it_is_released_to_once_it_stands_still() -> None:
    story = over_a_moving_endpoint()
    story.step(Phase.WAIT_FOR_TURN)
    story.tools.hosting.settle("churn")
    for phase in (*AGAIN, Phase.CREATE_CONFIG, Phase.CREATE_ENDPOINT):
        story.step(phase)
    story.tools.hosting.settle("churn")
    story.finish()
    assert story.release.outcome is Outcome.LIVE


def test_an_event_of_the_endpoint_wakes_the_wait_for_it() -> None:
    story = over_a_moving_endpoint()
    story.step(Phase.WAIT_FOR_TURN)
    detail = {"EndpointName": "churn", "EndpointStatus": "IN_SERVICE"}
    assert wake({"detail": detail}, story.tools)["signalled"] == 1


def test_after_an_hour_it_is_rejected_with_what_it_waited_for() -> None:
    story = over_a_moving_endpoint("SystemUpdating")
    assert story.step(Phase.WAIT_FOR_TURN, round=RELEASED - 1) is None
    story.step(Phase.WAIT_FOR_TURN, round=RELEASED)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert "1 h" in story.release.reason
    assert "SystemUpdating" in story.release.reason
    assert story.tools.ledger.turn("churn").holder == ""  # type: ignore[union-attr]


def test_an_endpoint_that_never_stands_still_for_long_is_given_up() -> None:
    story = over_a_moving_endpoint()
    story.step(Phase.CLOSE_RELEASE)
    assert (story.release.outcome, "is Updating" in story.release.reason) == (Outcome.REJECTED, True)


def test_a_foreign_update_that_ends_in_another_config_is_judged_anew() -> None:
    story = over_a_moving_endpoint()
    story.tools.hosting.serve("churn", "theirs")
    (_, _, verdict) = [story.step(phase) for phase in AGAIN]
    assert codes(verdict) == ["ENDPOINT_FOREIGN"]


def test_an_endpoint_that_is_gone_by_then_is_created() -> None:
    story = over_a_moving_endpoint("Deleting")
    story.tools.hosting.settle("churn")
    for phase in AGAIN:
        story.step(phase)
    assert story.release.fact(Phase.VERIFY_CONFIG, "mode") == "create"


@pytest.mark.parametrize(
    ("spec", "code"), [({"alarms": ["nobodys"]}, "ALARM_UNKNOWN"), ({"adopt": False}, "ENDPOINT_FOREIGN")]
)
def test_what_no_waiting_can_mend_is_refused_at_once(spec: dict[str, Any], code: str) -> None:
    story = over_a_moving_endpoint(**spec)
    if code == "ENDPOINT_FOREIGN":
        story.tools.hosting.serve("churn", "theirs")
        story.tools.hosting.remain("churn", "Updating")
    assert codes(story.step(Phase.VERIFY_CONFIG)) == [code]


def test_a_newer_drop_takes_the_turn_of_one_that_waits_for_its_endpoint() -> None:
    story = over_a_moving_endpoint()
    story.step(Phase.WAIT_FOR_TURN)
    newer = Story(story.tools, "execution-3")
    story.tools.clock.advance(60)
    newer.drop(version="3", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v3"))
    newer.through(Phase.WAIT_FOR_TURN)
    assert [token for token, _ in story.tools.executions.signals].count("token-wait_for_turn-execution-2") == 2
    story.step(Phase.WAIT_FOR_TURN)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.SUPERSEDED
    assert [newer.step(phase) for phase in AGAIN][-1].answer is Answer.BUSY  # type: ignore[union-attr]


def test_one_that_waits_for_its_endpoint_can_be_aborted() -> None:
    story = over_a_moving_endpoint()
    story.step(Phase.WAIT_FOR_TURN)
    story.tools.ledger.abort(story.release_id, "alice")
    assert codes(story.step(Phase.WAIT_FOR_TURN)) == ["ABORTED"]


def test_an_endpoint_that_cannot_be_seen_is_waited_for() -> None:
    story = over_a_moving_endpoint()
    story.tools.hosting.hide()
    assert story.step(Phase.WAIT_FOR_TURN) is None


def test_the_recovery_of_one_that_waited_does_not_wait_itself() -> None:
    story = over_a_moving_endpoint()
    assert heir_of(story).step(Phase.WAIT_FOR_TURN).answer is Answer.OURS  # type: ignore[union-attr]


def test_an_approved_release_waits_for_its_endpoint_as_long_as_it_could_have_for_the_approval() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    story = Story(first.tools, "execution-2")
    approval = {"before": "update", "expires_seconds": 3600}
    story.drop(version="2", spec={"smoke": [SMOKE], "approval": approval}, body=archive(model_joblib="v2"))
    story.through(Phase.VERIFY_CONFIG)
    story.step(Phase.WAIT_FOR_APPROVAL)
    story.tools.hosting.remain("churn", "Updating")
    story.tools.ledger.decide(story.release_id, Decision(Phase.WAIT_FOR_APPROVAL, approves=True, by="bob"))
    assert story.step(Phase.WAIT_FOR_APPROVAL) is None
    story.tools.hosting.settle("churn")
    assert story.step(Phase.WAIT_FOR_APPROVAL).answer is Answer.APPROVED  # type: ignore[union-attr]


def a_rollback_of_a_moving_endpoint() -> Story:
    """Ask for the way back from version 2 while instances come or go."""
    coming, _ = two_live_and_one_under_way()
    coming.tools.hosting.settle("churn")
    coming.finish()
    coming.tools.hosting.remain("churn", "Updating")
    back = rollback(coming)
    back.step(Phase.WAIT_FOR_TURN)
    assert back.step(Phase.ROLL_BACK_RELEASE).answer is Answer.BUSY  # type: ignore[union-attr]
    return back


def test_a_rollback_waits_twice_as_long_and_then_goes_back() -> None:
    back = a_rollback_of_a_moving_endpoint()
    assert back.step(Phase.WAIT_FOR_TURN, round=RELEASED) is None
    back.tools.hosting.settle("churn")
    back.step(Phase.WAIT_FOR_TURN, round=BACK - 1)
    assert back.step(Phase.ROLL_BACK_RELEASE).answer is Answer.STARTED  # type: ignore[union-attr]
    back.tools.hosting.settle("churn")
    back.step(Phase.WAIT_FOR_ROLLBACK)
    back.step(Phase.CLOSE_RELEASE)
    assert back.release.outcome is Outcome.ROLLED_BACK


def test_a_rollback_is_rejected_when_its_endpoint_never_stands_still() -> None:
    back = a_rollback_of_a_moving_endpoint()
    back.step(Phase.WAIT_FOR_TURN, round=BACK)
    back.step(Phase.CLOSE_RELEASE)
    assert back.release.outcome is Outcome.REJECTED
    assert "2 h" in back.release.reason


def test_no_drop_takes_the_turn_of_a_rollback_that_waits_for_its_endpoint() -> None:
    back = a_rollback_of_a_moving_endpoint()
    newer = Story(back.tools, "execution-4")
    back.tools.clock.advance(60)
    newer.drop(version="4", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v4"))
    newer.through(Phase.WAIT_FOR_TURN)
    assert back.step(Phase.WAIT_FOR_TURN) is None


def test_who_waits_behind_a_rollback_does_not_begin_its_rounds_anew() -> None:
    back = a_rollback_of_a_moving_endpoint()
    back.step(Phase.WAIT_FOR_TURN)
    before = list(back.tools.executions.signals)
    newer = Story(back.tools, "execution-4")
    back.tools.clock.advance(60)
    newer.drop(version="4", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v4"))
    newer.through(Phase.WAIT_FOR_TURN)
    assert "token-wait_for_turn-execution-back" in back.tools.ledger.tokens(back.release_id)
    assert [each for each in back.tools.executions.signals if each not in before] == []

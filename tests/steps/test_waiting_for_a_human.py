"""A release that waits for a human: who may say yes, what ends the wait without one, and what no answer means."""

from typing import Any

import pytest

from slipway.release.approval import GATES
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome, Verdict
from slipway.steps.janitor import recover_the_dead
from tests.fakes.tools import Bench, FakeTools, archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

START, END = GATES
ALICE = "arn:aws:iam::111122223333:user/alice"
BOB = "arn:aws:iam::111122223333:user/bob"
BEFORE_UPDATE = {"smoke": [SMOKE], "approval": {"before": "update", "expires_seconds": 3600}}
BEFORE_PROMOTION = {"smoke": [SMOKE], "approval": {"before": "promotion", "expires_seconds": 3600}}


def decide(tools: FakeTools, release: str, approve: bool = True, by: str = BOB, **more: Any) -> str:
    """Send what a human decides; gives what became of it."""
    detail = {"release": release, "approve": approve, "requested_by": by, **more}
    event = {"id": "e1", "source": "slipway.releases", "detail-type": "Release Approval", "account": "111122223333"}
    verdict = Bench(tools, "execution-decide").read({**event, "detail": detail})
    assert verdict.answer is Answer.NOTHING
    return verdict.reason


def at_the_start(spec: dict[str, Any] | None = None) -> Story:
    """An update that waits for a human before anything is touched."""
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    story = Story(first.tools, "execution-2")
    story.tools.clock.advance(60)
    story.drop(version="2", spec={**BEFORE_UPDATE, **(spec or {})}, body=archive(model_joblib="v2"))
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG):
        story.step(phase)
    assert story.answer(Phase.VERIFY_CONFIG) is Answer.NEEDS_APPROVAL
    assert story.step(START) is None
    return story


def at_the_end(spec: dict[str, Any] | None = None) -> Story:
    """An update whose new fleet serves, and whose promotion waits for a human."""
    story = a_live_endpoint(spec={"smoke": [SMOKE]})
    story = Story(story.tools, "execution-2")
    story.tools.clock.advance(60)
    story.start(version="2", spec={**BEFORE_PROMOTION, **(spec or {})}, body=archive(model_joblib="v2"))
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.step(Phase.WATCH_ALARMS)
    assert story.answer(Phase.WATCH_ALARMS) is Answer.NEEDS_APPROVAL
    assert story.step(END) is None
    return story


def step(story: Story, phase: Phase, **asked: Any) -> Verdict:
    verdict = story.step(phase, **asked)
    assert verdict is not None
    return verdict


def roll_back(story: Story) -> None:
    story.step(Phase.ROLL_BACK_RELEASE)
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)


def test_an_update_goes_on_when_a_human_agrees_and_the_record_says_who() -> None:
    story = at_the_start()
    assert "1 of its waits look now" in decide(story.tools, story.release_id, reason="better offline")
    verdict = step(story, START)
    assert verdict.answer is Answer.APPROVED
    story.step(Phase.CREATE_CONFIG)
    story.step(Phase.CREATE_ENDPOINT)
    story.tools.hosting.settle("churn")
    story.finish()
    assert story.release.outcome is Outcome.LIVE
    assert f"approved by {BOB} (account 111122223333): better offline" in story.release.reason
    decision = story.release.decisions[START]
    assert (decision.event, bool(decision.at)) == ("e1", True)


def test_nothing_is_touched_while_a_human_is_waited_for() -> None:
    story = at_the_start()
    config = story.tools.hosting.endpoints["churn"]["EndpointConfigName"]
    assert list(story.tools.hosting.configs) == [config]
    assert story.tools.hosting.requests("update_endpoint") == []


def test_a_refusal_rejects_an_update_and_needs_no_name() -> None:
    story = at_the_start()
    decide(story.tools, story.release_id, approve=False, by="", reason="not today")
    assert step(story, START).answer is Answer.REFUSED
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert "refused by somebody (account 111122223333): not today" in story.release.reason


def test_an_update_that_nobody_approves_in_time_is_rejected() -> None:
    story = at_the_start()
    assert story.step(START, round=3) is None
    assert step(story, START, round=4).answer is Answer.REFUSED
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert "within 3600 s" in story.release.reason


def test_the_machine_is_told_how_long_to_wait() -> None:
    story = at_the_start()
    verdict = step(story, Phase.VERIFY_CONFIG)
    assert verdict.route == {"approval_seconds": 900, "approval_rounds": 4}


def test_a_newer_drop_takes_the_place_of_one_that_only_waits() -> None:
    story = at_the_start()
    newer = Story(story.tools, "execution-3")
    newer.tools.clock.advance(60)
    newer.drop(version="3", body=archive(model_joblib="v3"))
    newer.step(Phase.VERIFY_ARTIFACT)
    assert newer.step(Phase.WAIT_FOR_TURN) is None
    assert story.tools.executions.signals[-1][1]["answer"] == "look"
    assert step(story, START).answer is Answer.SUPERSEDED
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.SUPERSEDED
    assert step(newer, Phase.WAIT_FOR_TURN).answer is Answer.OURS


@pytest.mark.parametrize("is_approved", [False, True])
def test_an_alarm_of_the_user_that_rings_meanwhile_ends_the_wait(is_approved: bool) -> None:
    first = FakeTools()
    first.alarms.put({"AlarmName": "orders", "Period": 60, "EvaluationPeriods": 1})
    story = Story(first)
    story.drop(spec={**BEFORE_UPDATE, "alarms": ["orders"]})
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG, START):
        story.step(phase)
    story.tools.alarms.set_state("orders", "ALARM", "fewer orders")
    if is_approved:
        decide(story.tools, story.release_id)
    assert step(story, START).answer is Answer.REFUSED
    assert "orders" in step(story, START).reason


def test_an_approval_that_comes_to_another_ground_than_was_examined_is_held_to_that() -> None:
    story = at_the_start()
    story.tools.hosting.serve("churn", "somebody-elses")
    decide(story.tools, story.release_id)
    assert step(story, START).answer is Answer.REFUSED
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert "somebody-elses" in story.release.reason


def test_a_fleet_that_was_scaled_while_a_human_was_waited_for_keeps_its_size() -> None:
    story = at_the_start()
    story.tools.hosting.endpoints["churn"]["ProductionVariants"][0]["DesiredInstanceCount"] = 3
    decide(story.tools, story.release_id)
    step(story, START)
    assert story.release.fact(Phase.VERIFY_CONFIG, "instances") == 3


def test_a_release_is_not_approved_by_who_asked_for_it_where_the_spec_says_so() -> None:
    tools = a_live_endpoint(spec={"smoke": [SMOKE]}).tools
    story = Story(tools, "execution-2")
    tools.clock.advance(60)
    spec = {**BEFORE_UPDATE, "approval": {"before": "update", "by_another": True}}
    story.drop(version="2", spec=spec, body=archive(model_joblib="v2"), asked_by=ALICE)
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG, START):
        story.step(phase)
    assert story.release.requested_by == ALICE
    assert "wants somebody else" in decide(tools, story.release_id, by=ALICE)
    assert story.step(START) is None
    decide(tools, story.release_id, by=BOB)
    assert step(story, START).answer is Answer.APPROVED


def test_a_drop_of_which_only_the_account_is_known_is_refused_where_another_must_approve() -> None:
    story = Story()
    verdict = story.drop(spec={"approval": {"before": "update", "by_another": True}})
    assert verdict.answer is Answer.REFUSED
    assert "slipway release" in verdict.reason


def test_the_first_decision_stands() -> None:
    story = at_the_start()
    decide(story.tools, story.release_id, approve=False, by=ALICE)
    assert f"it was refused by {ALICE}" in decide(story.tools, story.release_id, by=BOB)
    assert step(story, START).answer is Answer.REFUSED


@pytest.mark.parametrize("release", ["20260101t000000-nobody-abcdef", "", "no release id"])
def test_a_decision_on_what_nobody_knows_is_none(release: str) -> None:
    assert decide(FakeTools(), release)


def test_what_does_not_wait_cannot_be_approved() -> None:
    story = a_live_endpoint(spec={"smoke": [SMOKE]})
    assert "does not wait" in decide(story.tools, story.release_id)
    assert story.release.decisions == {}


def test_a_promotion_goes_on_when_a_human_agrees() -> None:
    story = at_the_end()
    decide(story.tools, story.release_id)
    assert step(story, END).answer is Answer.APPROVED
    assert step(story, Phase.PROMOTE_RELEASE).answer is Answer.LIVE
    story.step(Phase.CLOSE_RELEASE)
    assert f"approved by {BOB}" in story.release.reason


def test_a_promotion_that_a_human_refuses_goes_back() -> None:
    story = at_the_end()
    decide(story.tools, story.release_id, approve=False, reason="odd answers")
    assert step(story, END).answer is Answer.REFUSED
    roll_back(story)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert story.release.reason.startswith("Wait for Final Approval: It was refused by")
    assert "odd answers" in story.release.reason


def test_a_promotion_that_nobody_approves_in_time_goes_back() -> None:
    story = at_the_end()
    assert step(story, END, round=4).answer is Answer.REFUSED
    roll_back(story)
    assert story.release.outcome is Outcome.ROLLED_BACK


def test_an_alarm_that_rings_while_a_human_is_waited_for_comes_before_any_approval() -> None:
    story = at_the_end()
    (alarm, *_) = story.release.fact(Phase.CREATE_CONFIG, "alarms")
    decide(story.tools, story.release_id)
    story.tools.alarms.set_state(alarm, "ALARM", "too many errors")
    assert step(story, END).answer is Answer.RINGING
    roll_back(story)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert "too many errors" in story.release.reason


def test_the_new_fleet_is_probed_while_a_human_is_waited_for() -> None:
    story = at_the_end()
    before = len(story.tools.hosting.requests("invoke"))
    story.step(END, round=1)
    assert len(story.tools.hosting.requests("invoke")) - before == 10


def test_an_endpoint_that_somebody_else_changed_meanwhile_is_left_alone() -> None:
    story = at_the_end()
    story.tools.hosting.serve("churn", "somebody-elses")
    assert step(story, END).answer is Answer.FOREIGN


def test_nothing_is_promoted_that_nobody_approved() -> None:
    story = at_the_end()
    assert step(story, Phase.PROMOTE_RELEASE).answer is Answer.NOT_LIVE


def test_a_watch_without_a_request_is_held_for_a_human_where_the_spec_says_so() -> None:
    story = Story()
    story.start(spec={"watch": {"seconds": 240, "no_data": "hold"}})
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    held = step(story, Phase.WATCH_ALARMS, round=4)
    assert held.answer is Answer.NEEDS_APPROVAL
    assert (held.route["approval_seconds"], held.route["approval_rounds"]) == (900, 16)
    assert "No request was seen" in held.reason
    story.step(END)
    decide(story.tools, story.release_id)
    assert step(story, END).answer is Answer.APPROVED
    assert step(story, Phase.PROMOTE_RELEASE).answer is Answer.LIVE


def test_a_decision_that_comes_while_the_wait_begins_is_seen() -> None:
    """It is written after the release was read and before there is a token that could be signalled."""
    story = at_the_start()
    ledger = story.tools.ledger
    put = ledger.put_token

    def decided_meanwhile(*token: Any) -> None:
        decide(story.tools, story.release_id)
        put(*token)

    ledger.put_token = decided_meanwhile  # type: ignore[method-assign]
    assert step(story, START).answer is Answer.APPROVED


@pytest.mark.parametrize(("wait", "outcome"), [(at_the_start, Outcome.REJECTED), (at_the_end, Outcome.ROLLED_BACK)])
def test_a_release_that_died_or_was_stopped_while_it_waited_is_recovered(wait: Any, outcome: Outcome) -> None:
    story = wait()
    before = story.tools.ledger.live("churn")
    story.tools.executions.end(story.execution)
    assert recover_the_dead(story.tools)["started"] == [story.release_id]
    ((name, event),) = story.tools.executions.started.items()
    heir = Story(story.tools, name)
    heir.read({"id": "r", **event})
    heir.step(Phase.WAIT_FOR_TURN)
    roll_back(heir) if outcome is Outcome.ROLLED_BACK else [
        heir.step(phase) for phase in (Phase.ROLL_BACK_RELEASE, Phase.CLOSE_RELEASE)
    ]
    assert heir.release.outcome is outcome
    assert "its execution was stopped or died during Wait for" in heir.release.reason
    assert story.tools.ledger.live("churn") == before
    turn = story.tools.ledger.turn("churn")
    assert turn is not None
    assert turn.holder == ""
    assert story.tools.ledger.tokens(story.release_id) == []


@pytest.mark.parametrize(("wait", "gate"), [(at_the_start, START), (at_the_end, END)])
def test_a_release_that_waits_can_be_aborted(wait: Any, gate: Phase) -> None:
    story = wait()
    detail = {"kind": "abort", "release": story.release_id, "requested_by": "alice"}
    event = {"id": "e", "source": "slipway.releases", "detail-type": "Release Requested", "detail": detail}
    Bench(story.tools, "execution-abort").read(event)
    verdict = step(story, gate)
    assert verdict.answer in (Answer.REFUSED, Answer.RINGING)
    assert "aborted by alice" in verdict.reason

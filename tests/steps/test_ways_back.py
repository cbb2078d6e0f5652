"""What goes wrong, and that what served before serves again."""

import pytest

from slipway.exchanges import Invocation, Reply
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from slipway.steps.janitor import keep_house
from tests.fakes.tools import BUCKET, Bench, archive, drop_event
from tests.steps.stories import SMOKE, Story, a_live_endpoint, an_update_that_bakes


def answer_wrongly(_invocation: Invocation) -> Reply:
    return Reply(200, b'{"ok": false}', "application/json", "main", latency_ms=5.0)


def test_a_wrong_answer_in_the_bake_is_vetoed_and_the_old_fleet_serves_again() -> None:
    story = an_update_that_bakes()
    story.tools.hosting.answer = answer_wrongly
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert story.answer(Phase.RUN_SMOKE_INVOCATIONS) is Answer.FAILED
    story.step(Phase.VETO_DEPLOYMENT)
    assert story.tools.alarms.values("Veto") == [0.0, 0.0, 1.0]
    assert story.step(Phase.WAIT_FOR_ROLLBACK) is None
    story.tools.hosting.roll_back("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert "Run Smoke Invocations" in story.release.reason


def test_answers_of_the_old_fleet_are_not_held_against_the_new_one() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.answer = answer_wrongly
    story.tools.hosting.roll_back("churn", "an alarm rang")
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert story.answer(Phase.RUN_SMOKE_INVOCATIONS) is Answer.ROLLED_BACK
    story.step(Phase.WATCH_ALARMS)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert story.release.reason == "Watch the Alarms: an alarm rang"


def test_the_config_and_model_of_a_rolled_back_release_are_removed_and_no_others() -> None:
    story = an_update_that_bakes()
    config = story.release.fact(Phase.CREATE_CONFIG, "config")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.roll_back("churn", "an alarm rang")
    story.step(Phase.WATCH_ALARMS)
    story.step(Phase.CLOSE_RELEASE)
    live = story.tools.ledger.live("churn")
    assert live is not None
    assert set(story.tools.hosting.configs) == {live.config} != {config}
    assert set(story.tools.hosting.models) == {live.model}


def test_a_ringing_alarm_ends_the_watch() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    config = story.release.fact(Phase.CREATE_CONFIG, "config")
    story.tools.alarms.ring(f"slipway-{config}-5xx", "1 of 2 requests failed")
    verdict = story.step(Phase.WATCH_ALARMS)
    assert verdict is not None
    assert verdict.answer is Answer.RINGING
    assert "1 of 2 requests failed" in verdict.reason


def test_an_alarm_that_rang_and_fell_silent_still_counts() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    name = f"slipway-{story.release.fact(Phase.CREATE_CONFIG, 'config')}-5xx"
    story.tools.alarms.ring(name)
    story.tools.alarms.set_state(name, "OK", "quiet again")
    verdict = story.step(Phase.WATCH_ALARMS)
    assert verdict is not None
    assert verdict.answer is Answer.RINGING


def test_an_alarm_deleted_during_the_watch_fails_closed() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.alarms.delete([f"slipway-{story.release.fact(Phase.CREATE_CONFIG, 'config')}-5xx"])
    verdict = story.step(Phase.WATCH_ALARMS)
    assert verdict is not None
    assert verdict.answer is Answer.RINGING


def test_a_silent_rollback_of_sagemakers_is_seen() -> None:
    story = an_update_that_bakes()
    story.tools.hosting.roll_back("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert "SageMaker gave no reason" in story.release.reason


def test_without_an_old_fleet_the_endpoint_is_updated_back_to_what_is_live() -> None:
    story = an_update_that_bakes()
    live = story.tools.ledger.live("churn")
    assert live is not None
    story.tools.hosting.settle("churn")
    story.tools.hosting.answer = answer_wrongly
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    started = story.step(Phase.ROLL_BACK_RELEASE)
    assert started is not None
    assert started.answer is Answer.STARTED
    request = story.tools.hosting.requests("update_endpoint")[-1]
    assert request["EndpointConfigName"] == live.config
    assert "AutoRollbackConfiguration" not in request["DeploymentConfig"]
    assert story.step(Phase.WAIT_FOR_ROLLBACK) is None
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK


def test_a_veto_that_came_too_late_is_told_apart() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.VETO_DEPLOYMENT, trouble="the smoke crashed")
    story.tools.hosting.settle("churn")
    verdict = story.step(Phase.WAIT_FOR_ROLLBACK)
    assert verdict is not None
    assert verdict.answer is Answer.IN_SERVICE


def test_a_first_ever_endpoint_that_fails_its_smoke_is_removed_with_all_that_was_made() -> None:
    story = Story()
    story.tools.hosting.answer = answer_wrongly
    story.start(spec={"smoke": [SMOKE]})
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.step(Phase.ROLL_BACK_RELEASE)
    assert story.step(Phase.WAIT_FOR_ROLLBACK) is None
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert (story.tools.hosting.endpoints, story.tools.hosting.configs, story.tools.hosting.models) == ({}, {}, {})


def test_an_endpoint_that_failed_to_come_up_is_rolled_back_with_sagemakers_reason() -> None:
    story = Story()
    story.start()
    story.tools.hosting.fail("churn", "did not pass the ping health check")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.FAILED
    story.step(Phase.ROLL_BACK_RELEASE)
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert "ping health check" in story.release.reason


def test_a_failed_rollback_needs_a_human() -> None:
    story = an_update_that_bakes()
    story.tools.hosting.remain("churn", "UpdateRollbackFailed")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.STUCK
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.NEEDS_HUMAN


def test_a_foreign_writer_is_never_rolled_back_over() -> None:
    story = an_update_that_bakes()
    story.tools.hosting.serve("churn", "somebody-elses")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.FOREIGN
    undone = story.step(Phase.ROLL_BACK_RELEASE)
    assert undone is not None
    assert undone.answer is Answer.IMPOSSIBLE
    assert len(story.tools.hosting.requests("update_endpoint")) == 1


def test_after_promotion_the_way_goes_forward_only() -> None:
    story = a_live_endpoint()
    verdict = story.step(Phase.ROLL_BACK_RELEASE)
    assert verdict is not None
    assert verdict.answer is Answer.FORWARD_ONLY


def test_a_crash_before_anything_was_touched_is_a_rejection_that_says_so() -> None:
    story = Story()
    story.drop()
    story.step(Phase.CLOSE_RELEASE, trouble="Verify the Artifact: States.Timeout: too slow")
    assert story.release.outcome is Outcome.REJECTED
    assert "Verify the Artifact" in story.release.reason
    turn = story.tools.ledger.turn("churn")
    assert turn is None


def test_an_operator_rolls_back_to_the_release_before() -> None:
    story = an_update_that_bakes()
    story.tools.hosting.settle("churn")
    story.finish()
    live = story.tools.ledger.live("churn")
    assert live is not None
    assert live.previous is not None
    back = Story(story.tools, "execution-3")
    asked = {"kind": "rollback", "endpoint": "churn"}
    event = {"id": "e", "source": "slipway.releases", "detail-type": "Release Requested", "detail": asked}
    assert back.read(event).answer is Answer.ROLLBACK
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    back.tools.hosting.settle("churn")
    back.step(Phase.WAIT_FOR_ROLLBACK)
    back.step(Phase.CLOSE_RELEASE)
    after = back.tools.ledger.live("churn")
    assert back.release.outcome is Outcome.ROLLED_BACK
    assert after is not None
    assert after.release == live.previous["release"]


def test_a_dead_execution_is_recovered_in_the_name_of_its_release() -> None:
    story = an_update_that_bakes()
    story.tools.executions.end("execution-2")
    heir = Story(story.tools, "execution-3")
    asked = {"kind": "recover", "release": story.release_id}
    event = {"id": "e", "source": "slipway.releases", "detail-type": "Release Requested", "detail": asked}
    assert heir.read(event).answer is Answer.RECOVER
    heir.step(Phase.WAIT_FOR_TURN)
    undone = heir.step(Phase.ROLL_BACK_RELEASE)
    assert undone is not None
    assert undone.answer is Answer.IN_DEPLOYMENT
    heir.step(Phase.VETO_DEPLOYMENT)
    heir.tools.hosting.roll_back("churn")
    heir.step(Phase.WAIT_FOR_ROLLBACK)
    heir.step(Phase.CLOSE_RELEASE)
    assert heir.release.outcome is Outcome.ROLLED_BACK


@pytest.mark.parametrize("key", ["elsewhere/model.tar.gz", "models/churn/model.tar.gz", "frozen/sha256/x/model.tar.gz"])
def test_a_key_outside_the_layout_is_no_release(key: str) -> None:
    verdict = Bench().read(drop_event(key))
    assert verdict.answer is Answer.NOTHING
    assert verdict.reason


REFUSALS = [
    ("an unknown key in the spec", {"spec": {"smok": []}}, "smok"),
    ("an unknown alarm", {"spec": {"alarms": ["nobody-made-it"]}}, "nobody-made-it"),
    ("an artifact that is no archive", {"body": b"hello"}, "gzip"),
    ("an empty artifact", {"body": b""}, "empty"),
]


@pytest.mark.parametrize(("dropped", "word"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_bad_input_is_rejected_and_nothing_stays(dropped: dict[str, object], word: str) -> None:
    story = Story()
    verdict = story.drop(**dropped)  # type: ignore[arg-type]
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG):
        if verdict is not None and verdict.answer is not Answer.REFUSED:
            verdict = story.step(phase)
    assert verdict is not None
    assert verdict.answer is Answer.REFUSED
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert word in story.release.reason
    assert (story.tools.hosting.endpoints, story.tools.hosting.models) == ({}, {})


def test_an_artifact_that_vanished_is_rejected() -> None:
    verdict = Story().read(drop_event("models/churn/1/model.tar.gz"))
    assert verdict.answer is Answer.REFUSED


def test_an_endpoint_name_that_sagemaker_would_refuse_is_rejected() -> None:
    story = Story()
    ref = story.tools.artifacts.drop(BUCKET, "models/my_model/1/model.tar.gz", archive(model_joblib="v1"))
    assert story.read(drop_event(ref.key, ref.version)).answer is Answer.REFUSED


def test_an_endpoint_that_slipway_did_not_make_is_left_alone() -> None:
    story = Story()
    story.tools.hosting.serve("churn", "theirs")
    story.drop()
    story.through(Phase.VERIFY_CONFIG)
    assert story.answer(Phase.VERIFY_CONFIG) is Answer.REFUSED


def test_a_bake_too_short_for_its_alarms_is_refused() -> None:
    first = a_live_endpoint()
    story = Story(first.tools, "execution-2")
    story.drop(version="2", spec={"rollout": {"bake_seconds": 60}}, body=archive(model_joblib="v2"))
    story.through(Phase.VERIFY_CONFIG)
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert finding.code == "BAKE_TOO_SHORT"


def one_that_may_delete_no_alarm() -> Story:
    """Release version 2 to the end where nobody may delete alarms."""
    tools = a_live_endpoint().tools
    tools.alarms.undeletable = True
    story = Story(tools, "execution-2")
    story.start(version="2", body=archive(model_joblib="v2"))
    tools.hosting.settle("churn")
    story.finish()
    return story


def test_alarms_that_cannot_be_deleted_hold_up_neither_the_turn_nor_the_outcome() -> None:
    story = one_that_may_delete_no_alarm()
    turn = story.tools.ledger.turn("churn")
    assert turn is not None
    assert (story.release.outcome, turn.holder, story.tools.ledger.open_releases()) == (Outcome.LIVE, "", [])
    (finding,) = story.release.phases[Phase.CLOSE_RELEASE].findings
    assert (finding.code, "cloudwatch:DeleteAlarms" in finding.message) == ("ALARMS_LEFT", True)
    assert str(finding) in story.tools.announcer.announced[-1].text


def test_alarms_that_were_left_are_swept_once_that_is_allowed() -> None:
    tools = one_that_may_delete_no_alarm().tools
    left = sorted(tools.alarms.named("slipway-"))
    assert keep_house({"task": "retire"}, tools)["swept"] == []
    tools.alarms.undeletable = False
    assert keep_house({"task": "retire"}, tools)["swept"] == left

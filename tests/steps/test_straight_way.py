"""From a drop to LIVE."""

import json

from slipway.release.phases import Phase
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import BUCKET, Bench, archive, drop_event
from tests.steps.stories import SMOKE, Story, a_live_endpoint, an_update_that_bakes


def test_a_bare_drop_goes_live_on_the_stack_defaults() -> None:
    story = a_live_endpoint()
    live = story.tools.ledger.live("churn")
    assert story.release.outcome is Outcome.LIVE
    assert live is not None
    assert live.release == story.release_id
    assert story.tools.hosting.endpoints["churn"]["EndpointConfigName"] == live.config
    assert story.release.spec_source == "stack defaults"


def test_only_the_frozen_bytes_are_served() -> None:
    story = a_live_endpoint()
    (request,) = story.tools.hosting.requests("create_model")
    digest = story.release.fact(Phase.VERIFY_ARTIFACT, "digest")
    assert request["PrimaryContainer"]["ModelDataUrl"] == f"s3://{BUCKET}/frozen/sha256/{digest}/model.tar.gz"
    assert request["EnableNetworkIsolation"] is True


def test_an_update_goes_live_when_its_bake_ends_in_service() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert story.step(Phase.WATCH_ALARMS) is None
    story.tools.hosting.settle("churn")
    assert story.step(Phase.WATCH_ALARMS) is not None
    story.step(Phase.PROMOTE_RELEASE)
    story.step(Phase.CLOSE_RELEASE)
    live = story.tools.ledger.live("churn")
    assert story.release.outcome is Outcome.LIVE
    assert live is not None
    assert live.previous is not None


def test_an_update_is_guarded_by_its_own_alarms_and_the_users() -> None:
    first = a_live_endpoint()
    first.tools.alarms.add("errors-of-the-shop")
    story = Story(first.tools, "execution-2")
    story.start(version="2", spec={"alarms": ["errors-of-the-shop"]}, body=archive(model_joblib="v2"))
    (request,) = story.tools.hosting.requests("update_endpoint")
    guards = [alarm["AlarmName"] for alarm in request["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]]
    config = request["EndpointConfigName"]
    assert guards == [*(f"slipway-{config}-{kind}" for kind in ("5xx", "model", "veto")), "errors-of-the-shop"]
    assert request["RetainAllVariantProperties"] is True


def test_the_alarm_of_an_update_watches_the_new_fleet_alone() -> None:
    story = an_update_that_bakes()
    config = story.release.fact(Phase.CREATE_CONFIG, "config")
    metrics = story.tools.alarms.requests[f"slipway-{config}-5xx"]["Metrics"]
    dimensions = {pair["Name"]: pair["Value"] for pair in metrics[0]["MetricStat"]["Metric"]["Dimensions"]}
    assert dimensions == {"EndpointName": "churn", "VariantName": "main", "EndpointConfigName": config}


def test_the_same_content_again_is_unchanged_and_touches_nothing() -> None:
    first = a_live_endpoint()
    story = Story(first.tools, "execution-2")
    story.drop(version="2")
    story.through(Phase.VERIFY_CONFIG)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.UNCHANGED
    assert len(story.tools.hosting.requests("create_config")) == 1


def test_the_same_content_under_another_spec_is_a_new_release() -> None:
    first = a_live_endpoint()
    story = Story(first.tools, "execution-2")
    story.drop(version="2", spec={"smoke": [SMOKE]})
    story.through(Phase.VERIFY_CONFIG)
    assert story.answer(Phase.VERIFY_CONFIG) is Answer.ACCEPTABLE


def test_an_unchanged_drop_is_released_when_the_endpoint_was_deleted_behind_our_back() -> None:
    first = a_live_endpoint()
    del first.tools.hosting.endpoints["churn"]
    story = Story(first.tools, "execution-2")
    story.drop(version="2")
    story.through(Phase.VERIFY_CONFIG)
    assert story.answer(Phase.VERIFY_CONFIG) is Answer.ACCEPTABLE


def test_every_phase_stands_in_the_ledger_with_its_reason() -> None:
    story = a_live_endpoint()
    told = {phase: record for phase, record in story.release.phases.items() if record.ended_at}
    assert set(told) >= {Phase.READ_RELEASE, Phase.VERIFY_ARTIFACT, Phase.CREATE_ENDPOINT, Phase.CLOSE_RELEASE}
    assert all(record.reason for phase, record in told.items() if phase is not Phase.WAIT_FOR_TURN)


def test_a_closed_release_leaves_no_alarm_no_turn_and_no_token() -> None:
    story = a_live_endpoint()
    turn = story.tools.ledger.turn("churn")
    assert story.tools.alarms.requests == {}
    assert turn is not None
    assert turn.holder == ""
    assert story.tools.ledger.tokens(story.release_id) == []
    assert story.tools.ledger.open_releases() == []


def test_a_closed_release_is_reported_and_announced() -> None:
    story = a_live_endpoint()
    ref = ObjectRef(BUCKET, f"reports/churn/{story.release_id}/report.json")
    report = json.loads(story.tools.artifacts.read(ref, 1 << 20))
    *_, told = story.tools.announcer.announced
    assert report["outcome"] == "LIVE"
    page = story.tools.artifacts.read(ObjectRef(BUCKET, ref.key.replace(".json", ".html")), 1 << 20).decode()
    assert "it serves" in page
    assert told.subject == "churn: release is live"


def test_a_mute_announcer_changes_no_outcome() -> None:
    story = Story()
    story.tools.announcer.mute = True
    story.start()
    story.tools.hosting.settle("churn")
    closed = story.finish()
    assert closed is not None
    assert closed.route == {"outcome": "LIVE"}


def test_a_report_that_cannot_be_written_changes_no_outcome() -> None:
    story = Story()
    story.start()
    story.tools.hosting.settle("churn")
    story.tools.artifacts.read_only = True
    story.finish()
    assert story.release.outcome is Outcome.LIVE
    assert story.tools.ledger.open_releases() == []


def test_a_second_close_changes_nothing() -> None:
    story = a_live_endpoint()
    again = story.step(Phase.CLOSE_RELEASE)
    assert again is not None
    assert again.route == {"outcome": "LIVE"}
    assert len(story.tools.ledger.history("churn")) == 1


def test_silence_is_released_with_a_finding_or_refused_as_the_spec_says() -> None:
    story = an_update_that_bakes({"smoke": [], "watch": {"no_data": "fail"}})
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.tools.hosting.settle("churn")
    story.step(Phase.WATCH_ALARMS)
    assert story.answer(Phase.WATCH_ALARMS) is Answer.NO_DATA


def test_a_duplicate_event_releases_nothing() -> None:
    story = Story()
    story.drop()
    again = Bench(story.tools, "execution-2").read(drop_event("models/churn/1/model.tar.gz", "v1"))
    assert again.answer is Answer.NOTHING
    assert story.release_id in again.reason


def test_a_retried_first_step_goes_on_with_its_own_release() -> None:
    story = Story()
    story.drop()
    first = story.release_id
    again = story.read(drop_event("models/churn/1/model.tar.gz", "v1"))
    assert (again.answer, story.release_id) == (Answer.ACCEPTED, first)


def test_a_pair_whose_execution_died_is_taken_over() -> None:
    story = Story()
    story.drop()
    story.tools.executions.end("execution-1")
    other = Bench(story.tools, "execution-2")
    again = other.read(drop_event("models/churn/1/model.tar.gz", "v1"))
    assert (again.answer, other.release_id) == (Answer.ACCEPTED, story.release_id)
    assert other.release.execution == "execution-2"


def test_a_spec_before_its_artifact_starts_nothing_and_the_artifact_then_takes_it() -> None:
    story = Story()
    ref = story.tools.artifacts.drop(BUCKET, "models/churn/1/release.yaml", b"owner: the team\n")
    assert story.read(drop_event(ref.key, ref.version)).answer is Answer.NOTHING
    assert story.drop().answer is Answer.ACCEPTED
    assert story.release.wanted.owner == "the team"


def test_a_spec_beside_its_artifact_starts_that_pair() -> None:
    story = Story()
    story.tools.artifacts.drop(BUCKET, "models/churn/1/model.tar.gz", archive(model_joblib="v1"))
    ref = story.tools.artifacts.drop(BUCKET, "models/churn/1/release.yaml", b"owner: the team\n")
    assert story.read(drop_event(ref.key, ref.version)).answer is Answer.ACCEPTED

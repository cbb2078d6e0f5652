"""Which drop is the newest, and what becomes of one that is not."""

import json

from slipway.release.phases import Phase
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import BUCKET, FakeTools, archive, drop_event
from tests.steps.stories import SMOKE, Story

KEY = "models/churn/1/model.tar.gz"


def version_2_live_over_an_older_drop() -> tuple[FakeTools, ObjectRef]:
    """Upload version 1, whose event is late, and let version 2 go live; gives the older upload."""
    tools = FakeTools()
    older = tools.artifacts.drop(BUCKET, KEY, archive(model_joblib="v1"))
    tools.clock.advance(60)
    story = Story(tools, "execution-2")
    story.start(version="2", body=archive(model_joblib="v2"))
    tools.hosting.settle("churn")
    story.finish()
    tools.clock.advance(60)
    return tools, older


def test_an_older_drop_behind_a_newer_live_one_is_superseded() -> None:
    tools, older = version_2_live_over_an_older_drop()
    late = Story(tools, "execution-late")
    late.read(drop_event(KEY, older.version))
    late.step(Phase.VERIFY_ARTIFACT)
    late.step(Phase.WAIT_FOR_TURN)
    late.step(Phase.CLOSE_RELEASE)
    assert late.release.outcome is Outcome.SUPERSEDED
    assert "is live already" in late.release.reason


def test_a_new_spec_over_an_older_artifact_is_a_new_pair_and_goes_on() -> None:
    tools, older = version_2_live_over_an_older_drop()
    spec = tools.artifacts.drop(BUCKET, "models/churn/1/release.json", json.dumps({"smoke": [SMOKE]}).encode())
    wanted = Story(tools, "execution-3")
    assert wanted.read(drop_event(spec.key, spec.version)).answer is Answer.ACCEPTED
    assert wanted.release.artifact is not None
    assert wanted.release.artifact.key == older.key
    wanted.through(Phase.CREATE_ENDPOINT)
    assert wanted.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED


def test_an_upload_of_a_further_artifact_makes_no_older_drop_newer() -> None:
    tools, older = version_2_live_over_an_older_drop()
    part = tools.artifacts.drop(BUCKET, "models/churn/parts/post.tar.gz", archive(model_joblib="part"))
    serve = {"containers": [{"name": "predict"}, {"name": "post", "artifact": part.key}]}
    late = Story(tools, "execution-late")
    late.tools.artifacts.drop(BUCKET, "models/churn/release.json", json.dumps({"serve": serve}).encode())
    assert late.read(drop_event(KEY, older.version)).answer is Answer.ACCEPTED
    late.step(Phase.VERIFY_ARTIFACT)
    assert late.answer(Phase.VERIFY_ARTIFACT) is Answer.SOUND
    late.step(Phase.WAIT_FOR_TURN)
    assert late.answer(Phase.WAIT_FOR_TURN) is Answer.SUPERSEDED


def vanished(tools: FakeTools, execution: str, sequencer: str) -> Story:
    """Tell of an upload that is not there any more."""
    story = Story(tools, execution)
    event = drop_event("models/churn/9/model.tar.gz")
    event["detail"]["object"]["sequencer"] = sequencer
    story.read(event)
    return story


def test_every_upload_that_vanished_is_rejected_with_its_reason() -> None:
    tools = FakeTools()
    for number in ("1", "2"):
        story = vanished(tools, f"execution-{number}", f"00{number}")
        story.step(Phase.CLOSE_RELEASE)
        assert story.release.outcome is Outcome.REJECTED
        assert "not there" in story.release.reason


def test_the_event_of_an_upload_that_vanished_comes_twice_and_is_one_release() -> None:
    tools = FakeTools()
    vanished(tools, "execution-1", "001").step(Phase.CLOSE_RELEASE)
    assert vanished(tools, "execution-2", "001").release_id == ""


def test_an_upload_under_a_key_that_had_vanished_is_released() -> None:
    tools = FakeTools()
    vanished(tools, "execution-1", "001").step(Phase.CLOSE_RELEASE)
    again = Story(tools, "execution-2")
    again.start(version="9")
    assert again.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED


def test_of_two_uploads_of_a_key_within_one_second_the_later_one_wins_whichever_event_comes_first() -> None:
    tools = FakeTools()
    one, two = (tools.artifacts.drop(BUCKET, KEY, archive(model_joblib=name)) for name in ("v1", "v2"))
    newer, older = Story(tools, "execution-2"), Story(tools, "execution-1")
    newer.read(drop_event(KEY, two.version))
    older.read(drop_event(KEY, one.version))
    newer.through(Phase.CREATE_ENDPOINT)
    tools.hosting.settle("churn")
    newer.finish()
    older.through(Phase.WAIT_FOR_TURN)
    assert (newer.release.outcome, older.answer(Phase.WAIT_FOR_TURN)) == (Outcome.LIVE, Answer.SUPERSEDED)


def test_of_two_specs_within_one_second_the_later_one_wins_too() -> None:
    tools = FakeTools()
    tools.artifacts.drop(BUCKET, KEY, archive(model_joblib="v1"))
    tools.clock.advance(60)
    texts = [json.dumps({"smoke": [SMOKE], "watch": {"seconds": seconds}}).encode() for seconds in (600, 900)]
    one, two = (tools.artifacts.drop(BUCKET, "models/churn/1/release.json", text) for text in texts)
    newer, older = Story(tools, "execution-2"), Story(tools, "execution-1")
    newer.read(drop_event(two.key, two.version))
    older.read(drop_event(one.key, one.version))
    assert newer.release.order > older.release.order

"""Who asked for a release whose spec and artifact were uploaded one after the other."""

import json

from slipway.release.release import ObjectRef
from tests.fakes.tools import BUCKET, drop_event
from tests.steps.stories import MODEL, SMOKE, Story

ALICE, BOB = (f"arn:aws:sts::111122223333:assumed-role/Release/{name}" for name in ("alice", "bob"))
SPEC = json.dumps({"smoke": [SMOKE], "approval": {"before": "update", "by_another": True}}).encode()


def upload(story: Story, name: str, body: bytes, by: str = "") -> ObjectRef:
    story.tools.clock.advance(1)
    return story.tools.artifacts.drop(BUCKET, f"models/churn/1/{name}", body, by)


def asked_by(story: Story, ref: ObjectRef) -> str:
    story.read(drop_event(ref.key, ref.version))
    return story.release.requested_by


def test_a_spec_whose_event_is_read_when_the_artifact_has_followed_is_asked_for_by_who_completed_the_pair() -> None:
    story = Story()
    spec = upload(story, "release.json", SPEC)
    upload(story, "model.tar.gz", MODEL, ALICE)
    assert asked_by(story, spec) == ALICE


def test_a_spec_that_comes_after_its_artifact_is_asked_for_by_its_own_uploader() -> None:
    story = Story()
    upload(story, "model.tar.gz", MODEL, ALICE)
    assert asked_by(story, upload(story, "release.json", SPEC, BOB)) == BOB


def test_nobody_is_taken_for_the_uploader_of_a_spec_that_names_none() -> None:
    story = Story()
    upload(story, "model.tar.gz", MODEL, ALICE)
    assert asked_by(story, upload(story, "release.json", SPEC)) == ""

"""Artifacts that stand elsewhere, or are not packed."""

import json
from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome, Verdict
from slipway.steps.janitor import keep_house
from tests.fakes.tools import BUCKET, FakeTools, drop_event
from tests.steps.stories import MODEL, SMOKE, Story

THEIRS = "a-teams-own"
FOLDER = "models/churn/1/model/"


def spec_dropped(story: Story, version: str = "1", **spec: Any) -> Verdict:
    body = json.dumps(spec).encode()
    ref = story.tools.artifacts.drop(BUCKET, f"models/churn/{version}/release.json", body)
    return story.read(drop_event(ref.key, ref.version))


def a_folder(story: Story, folder: str = FOLDER, bucket: str = BUCKET, weights: bytes = b"w") -> None:
    story.tools.artifacts.drop(bucket, f"{folder}model.onnx", weights)
    story.tools.artifacts.drop(bucket, f"{folder}code/inference.py", b"x = 1\n")


def live_from_a_folder(tools: FakeTools, number: int) -> Story:
    story = Story(tools, f"execution-{number}")
    story.tools.clock.advance(60)
    folder = f"models/churn/{number}/model/"
    a_folder(story, folder, weights=f"w{number}".encode())
    spec_dropped(story, str(number), artifact=folder, smoke=[SMOKE])
    story.through(Phase.CREATE_ENDPOINT)
    story.tools.hosting.settle("churn")
    story.finish()
    assert story.release.outcome is Outcome.LIVE
    return story


def codes(story: Story) -> list[str]:
    return [finding.code for record in story.release.phases.values() for finding in record.findings]


def test_a_folder_goes_live_from_frozen_files() -> None:
    story = live_from_a_folder(FakeTools(), 1)
    (request,) = story.tools.hosting.requests("create_model")
    digest = story.release.fact(Phase.VERIFY_ARTIFACT, "digest")
    frozen = f"frozen/sha256/{digest}/model/"
    source = {"S3Uri": f"s3://{BUCKET}/{frozen}", "S3DataType": "S3Prefix", "CompressionType": "None"}
    assert request["PrimaryContainer"]["ModelDataSource"] == {"S3DataSource": source}
    assert "ModelDataUrl" not in request["PrimaryContainer"]
    assert {f"{frozen}model.onnx", f"{frozen}code/inference.py"} <= set(story.tools.artifacts.keys(BUCKET))


def test_the_same_folder_again_is_the_same_release_and_a_changed_one_is_not() -> None:
    story = Story()
    a_folder(story)
    spec_dropped(story, artifact=FOLDER)
    again = Story(story.tools, "execution-2")
    assert again.read(drop_event("models/churn/1/release.json")).answer is Answer.NOTHING
    story.tools.artifacts.drop(BUCKET, f"{FOLDER}model.onnx", b"new")
    changed = Story(story.tools, "execution-3")
    assert changed.read(drop_event("models/churn/1/release.json")).answer is Answer.ACCEPTED


def test_a_folder_that_changes_under_way_is_refused() -> None:
    story = Story()
    a_folder(story)
    spec_dropped(story, artifact=FOLDER)
    story.tools.artifacts.drop(BUCKET, f"{FOLDER}late.bin", b"x")
    story.step(Phase.VERIFY_ARTIFACT)
    assert codes(story) == ["ARTIFACT_CHANGED"]


def test_a_folder_that_vanishes_under_way_is_refused() -> None:
    story = Story()
    a_folder(story)
    spec_dropped(story, artifact=FOLDER)
    for name in ("model.onnx", "code/inference.py"):
        story.tools.artifacts.remove(BUCKET, f"{FOLDER}{name}")
    story.step(Phase.VERIFY_ARTIFACT)
    assert codes(story) == ["ARTIFACT_VANISHED"]


def test_a_spec_does_not_wait_for_a_folder_whose_files_would_start_nothing() -> None:
    story = Story()
    assert spec_dropped(story, artifact=FOLDER).answer is Answer.REFUSED
    assert codes(story) == ["ARTIFACT_ABSENT"]


def test_a_spec_waits_for_the_archive_that_it_names() -> None:
    assert spec_dropped(Story(), artifact="models/churn/2/model.tar.gz").answer is Answer.NOTHING


def test_an_archive_of_a_source_bucket_is_frozen_in_ours_and_goes_live() -> None:
    story = Story()
    story.tools.artifacts.drop(THEIRS, "runs/42/model.tar.gz", MODEL)
    spec_dropped(story, artifact=f"s3://{THEIRS}/runs/42/model.tar.gz")
    story.through(Phase.CREATE_ENDPOINT)
    story.tools.hosting.settle("churn")
    story.finish()
    (request,) = story.tools.hosting.requests("create_model")
    assert story.release.outcome is Outcome.LIVE
    assert request["PrimaryContainer"]["ModelDataUrl"].startswith(f"s3://{BUCKET}/frozen/sha256/")


@pytest.mark.parametrize(
    ("artifact", "code"),
    [
        ("s3://strangers/runs/42/model.tar.gz", "POLICY_SOURCE"),
        (f"s3://{BUCKET}/frozen/sha256/abc/model.tar.gz", "POLICY_SOURCE"),
        (f"s3://{THEIRS}/runs/none/model.tar.gz", "ARTIFACT_ABSENT"),
        (f"s3://{THEIRS}/runs/none/", "ARTIFACT_ABSENT"),
    ],
)
def test_what_may_not_be_fetched_or_is_not_there_is_rejected_at_once(artifact: str, code: str) -> None:
    story = Story()
    assert spec_dropped(story, artifact=artifact).answer is Answer.REFUSED
    assert codes(story) == [code]


def test_a_bucket_that_does_not_let_us_in_is_told() -> None:
    story = Story()
    story.tools.artifacts.closed.add(THEIRS)
    for folder in ("runs/42/model.tar.gz", "runs/42/"):
        told = Story(story.tools, f"execution-{folder}")
        assert spec_dropped(told, artifact=f"s3://{THEIRS}/{folder}").answer is Answer.REFUSED
        assert codes(told) == ["ARTIFACT_FORBIDDEN"]


def test_a_bucket_without_versions_is_refused() -> None:
    story = Story()
    story.tools.artifacts.unversioned.add(THEIRS)
    story.tools.artifacts.drop(THEIRS, "runs/42/model.tar.gz", MODEL)
    a_folder(story, "runs/43/", THEIRS)
    for artifact in ("runs/42/model.tar.gz", "runs/43/"):
        told = Story(story.tools, f"execution-{artifact}")
        assert spec_dropped(told, artifact=f"s3://{THEIRS}/{artifact}").answer is Answer.REFUSED
        assert codes(told) == ["ARTIFACT_UNVERSIONED"]


def test_a_request_without_an_artifact_takes_no_folder_by_accident() -> None:
    story = Story()
    a_folder(story)
    detail = {"kind": "release", "endpoint": "churn", "spec": {"endpoint": "churn"}}
    event = {"id": "e", "source": "slipway.releases", "detail-type": "Release Requested", "detail": detail}
    assert story.read(event).answer is Answer.REFUSED
    assert codes(story) == ["ARTIFACT_ABSENT"]


def test_all_files_of_a_folder_are_retired_together() -> None:
    tools = FakeTools()
    first, second, third = (live_from_a_folder(tools, number) for number in (1, 2, 3))
    assert keep_house({"task": "retire"}, tools)["retired"] == [first.release_id]
    left = {key.split("/")[2] for key in tools.artifacts.keys(BUCKET) if key.startswith("frozen/")}
    assert left == {story.release.fact(Phase.VERIFY_ARTIFACT, "digest") for story in (second, third)}

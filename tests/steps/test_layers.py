"""The endpoint's own spec lies beneath that of every drop, over the stack's defaults."""

import json
from typing import Any

import pytest

from slipway.release.release import ObjectRef
from slipway.release.verdicts import Answer, Verdict
from slipway.settings import Settings
from tests.fakes.tools import BUCKET, ENVIRONMENT, FakeTools, drop_event
from tests.steps.stories import MODEL, Story

OWN = "models/churn/release.yaml"


def read(own: str, spec: dict[str, Any] | None = None, **settings: str) -> tuple[Story, Verdict]:
    """Read a drop for an endpoint that has its own spec."""
    tools = FakeTools()
    tools.settings = Settings(ENVIRONMENT | {f"SLIPWAY_{name}": value for name, value in settings.items()})
    story = Story(tools)
    tools.artifacts.drop(BUCKET, OWN, own.encode())
    return story, story.drop(spec=spec)


def test_the_drop_lies_over_the_endpoint_and_that_over_the_stack() -> None:
    own = "serve: {instance_type: ml.c5.large, instance_count: 2, environment: {A: '1', B: '1'}}\nowner: the team\n"
    story, verdict = read(own, {"serve": {"instance_count": 3, "environment": {"B": "2"}}})
    serve = story.release.wanted.serve
    assert verdict.answer is Answer.ACCEPTED
    assert (serve.image, serve.instance_type, serve.instance_count) == ("an-image:1", "ml.c5.large", 3)
    assert serve.environment == {"A": "1", "B": "2"}
    assert story.release.wanted.owner == "the team"
    assert story.release.spec_source == f"s3://{BUCKET}/models/churn/1/release.json"


def test_a_bare_drop_takes_the_endpoints_spec_and_says_so() -> None:
    story, _ = read("owner: the team\n")
    assert story.release.wanted.owner == "the team"
    assert story.release.spec_source == f"s3://{BUCKET}/{OWN}"


def test_a_request_by_event_has_the_endpoints_spec_beneath_it() -> None:
    story = Story()
    story.tools.artifacts.drop(BUCKET, OWN, b"owner: the team\n")
    story.tools.artifacts.drop(BUCKET, "models/churn/1/model.tar.gz", MODEL)
    spec = {"endpoint": "churn", "artifact": "models/churn/1/model.tar.gz"}
    detail = {"kind": "release", "spec": spec}
    story.read({"source": "slipway.releases", "detail-type": "Release Requested", "id": "e", "detail": detail})
    assert (story.release.wanted.owner, story.release.spec_source) == ("the team", "event")


@pytest.mark.parametrize(
    ("own", "codes"),
    [
        ("owner: [", ["SPEC_UNREADABLE"]),
        ("owner: a\nowner: b\n", ["SPEC_KEY_TWICE"]),
        ("artifact: models/churn/1/model.tar.gz\n", ["SPEC_OF_ONE_RELEASE"]),
        ("serve: {instance_count: many}\n", ["SPEC_WRONG_TYPE"]),
        ("endpoint: other\n", ["SPEC_ENDPOINT_DIFFERS"]),
        ("ownr: a\n", ["SPEC_UNKNOWN_KEY"]),
    ],
)
def test_a_wrong_spec_of_the_endpoint_refuses_its_drops_and_is_blamed(own: str, codes: list[str]) -> None:
    _, verdict = read(own, {"owner": "me"})
    assert verdict.answer is Answer.REFUSED
    assert [finding.code for finding in verdict.findings] == codes
    (finding,) = verdict.findings
    assert OWN in finding.where or "from the defaults" in finding.message


def test_what_is_wrong_in_both_is_told_at_once() -> None:
    _, verdict = read("owner: a\nowner: b\n", {"ownr": "me"})
    assert [finding.code for finding in verdict.findings] == ["SPEC_KEY_TWICE", "SPEC_UNKNOWN_KEY"]


def test_the_policy_of_the_stack_holds_for_the_merged_spec() -> None:
    _, verdict = read("serve: {instance_type: ml.p5.48xlarge}\n", ALLOWED_INSTANCE_TYPES="ml.m5.*")
    assert [finding.code for finding in verdict.findings] == ["POLICY_INSTANCE_TYPE"]
    assert "AllowedInstanceTypes" in verdict.reason


def test_an_upload_of_the_endpoints_spec_alone_releases_nothing() -> None:
    story = Story()
    ref = story.tools.artifacts.drop(BUCKET, OWN, json.dumps({}).encode())
    assert story.read(drop_event(ref.key, ref.version)).answer is Answer.NOTHING


KEPT = PermissionError("User: slipway is not authorized to perform: kms:Decrypt")


@pytest.mark.parametrize("of_the_endpoint", [False, True])
@pytest.mark.parametrize(("error", "code"), [(KEPT, "SPEC_FORBIDDEN"), (FileNotFoundError("it"), "SPEC_GONE")])
def test_a_spec_that_cannot_be_read_is_refused_with_the_reason(
    of_the_endpoint: bool, error: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(ref: ObjectRef, limit: int) -> bytes:
        raise error

    story = Story()
    monkeypatch.setattr(story.tools.artifacts, "read", read)
    if of_the_endpoint:
        story.tools.artifacts.drop(BUCKET, OWN, b"owner: the team")
    verdict = story.drop(spec=None if of_the_endpoint else {})
    assert verdict.answer is Answer.REFUSED
    assert [finding.code for finding in verdict.findings] == [code]

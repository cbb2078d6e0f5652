"""The policy document decides at Read the Release, and again where time has passed since."""

import json
from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from slipway.settings import Settings
from tests.fakes.tools import BUCKET, ENVIRONMENT, FakeTools, archive, drop_event
from tests.steps.stories import MODEL, Story, a_live_endpoint

NAME = "/slipway/policy"
AFTERNOON = {"name": "afternoon", "days": ["mon"], "start": "12:30", "end": "18:00"}
TODAY = {"name": "today", "days": ["mon"]}


def ruled(document: dict[str, Any] | str | None, tools: FakeTools | None = None) -> FakeTools:
    """Give a stack that has a policy document, None for one whose parameter is not there."""
    tools = tools or FakeTools()
    tools.settings = Settings(tools.settings.environment | {"SLIPWAY_POLICY_PARAMETER": NAME})
    if document is not None:
        text = document if isinstance(document, str) else json.dumps({"schema": 1, **document})
        tools.parameters.write(NAME, text)
    return tools


def refused(verdict: Verdict | None) -> list[str]:
    assert verdict is not None
    assert verdict.answer is Answer.REFUSED
    return [finding.code for finding in verdict.findings]


def test_a_stack_without_a_document_reads_none() -> None:
    story = Story()
    assert story.drop().answer is Answer.ACCEPTED
    assert story.release.fact(Phase.READ_RELEASE, "policy") is None


def test_what_holds_for_a_release_is_written_down_with_the_version_of_the_document() -> None:
    story = Story(ruled({"pickles": "warn", "freezes": [AFTERNOON]}))
    assert story.drop().answer is Answer.ACCEPTED
    kept = story.release.fact(Phase.READ_RELEASE, "policy")
    assert kept["name"] == f"the policy {NAME} (version 1)"
    assert kept["pickles"] == "warn"
    assert [freeze["name"] for freeze in kept["freezes"]] == ["afternoon"]


@pytest.mark.parametrize(("document", "why"), [(None, "ParameterNotFound"), ("schema: 1\nimages: 3", "mapping")])
def test_a_document_that_cannot_be_used_stops_every_release_and_says_why(document: str | None, why: str) -> None:
    verdict = Story(ruled(document)).drop()
    assert refused(verdict) == ["POLICY_UNREADABLE"]
    assert why in verdict.reason
    assert NAME in verdict.reason


def test_the_document_and_the_stack_both_have_to_allow_a_release() -> None:
    tools = ruled({"instances": {"allowed": ["ml.m5.*"], "most": 50}})
    tools.settings = Settings(tools.settings.environment | {"SLIPWAY_MAX_INSTANCES": "2"})
    verdict = Story(tools).drop(spec={"serve": {"instance_type": "ml.c5.large", "instance_count": 3}})
    assert sorted(refused(verdict)) == ["POLICY_INSTANCE_COUNT", "POLICY_INSTANCE_TYPE"]


def test_a_writer_is_whom_the_upload_names() -> None:
    tools = ruled({"writers": [{"account": "111122223333", "endpoints": ["churn"]}]})
    key = "models/churn/1/model.tar.gz"
    tools.artifacts.drop(BUCKET, key, MODEL)
    event = drop_event(key)
    event["detail"]["requester"] = "999900001111"
    assert refused(Story(tools).read(event)) == ["POLICY_WRITER"]
    other = drop_event(key, tools.artifacts.drop(BUCKET, key, MODEL).version)
    other["detail"]["requester"] = "111122223333"
    assert Story(tools, "execution-2").read(other).answer is Answer.ACCEPTED


def test_in_a_freeze_nothing_is_released_but_a_rollback_goes_through() -> None:
    live = a_live_endpoint(ruled({}))
    ruled({"freezes": [TODAY]}, live.tools)
    assert refused(Story(live.tools, "execution-2").drop(version="2", body=archive(model_joblib="v2"))) == [
        "POLICY_FROZEN"
    ]
    asked = {"kind": "rollback", "endpoint": "churn"}
    event = {"id": "r", "source": "slipway.releases", "detail-type": "Release Requested", "detail": asked}
    assert Story(live.tools, "execution-3").read(event).answer is Answer.ROLLBACK


def test_a_release_that_waited_into_a_freeze_does_not_touch_its_endpoint() -> None:
    story = Story(ruled({"freezes": [AFTERNOON]}))
    story.drop()
    story.through(Phase.CREATE_MODEL)
    story.tools.clock.advance(3600)
    assert refused(story.step(Phase.VERIFY_CONFIG)) == ["POLICY_FROZEN"]
    assert not story.tools.hosting.endpoints


def test_a_release_is_held_to_the_document_that_it_was_read_under() -> None:
    story = Story(ruled({"pickles": "refuse"}))
    story.drop(body=archive(model_pkl="v1"))
    ruled({"pickles": "allow"}, story.tools)
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert refused(verdict) == ["POLICY_PICKLE"]
    assert verdict is not None
    assert f"`pickles` of the policy {NAME} (version 1)" in verdict.reason


def test_the_stack_refuses_pickles_whatever_the_document_allows() -> None:
    tools = ruled({"pickles": "allow"})
    tools.settings = Settings(tools.settings.environment | {"SLIPWAY_PICKLES": "refuse"})
    story = Story(tools)
    story.drop(body=archive(model_pkl="v1"))
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert "the stack's parameter Pickles" in verdict.reason
    assert ENVIRONMENT["SLIPWAY_PICKLES"] == "allow"

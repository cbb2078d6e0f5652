"""A new model is in the VPC that its spec names, else in that of the live one."""

from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer
from tests.fakes.tools import FakeTools, archive
from tests.steps.stories import Story, a_live_endpoint

VPC = {"SecurityGroupIds": ["sg-0a1b2c3d"], "Subnets": ["subnet-0a1b2c3d"]}
NAMED = {"serve": {"vpc": {"subnets": VPC["Subnets"], "security_groups": VPC["SecurityGroupIds"]}}}


def the_next_one(tools: FakeTools, spec: dict[str, Any] | None = None) -> Story:
    """Drop another model, up to the creation of its model."""
    tools.hosting.calls.clear()
    story = Story(tools, "execution-2")
    tools.clock.advance(60)
    story.drop(version="2", spec=spec or {}, body=archive(model_joblib="v2"))
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL):
        story.step(phase)
    return story


def made(story: Story) -> Any:
    (request,) = story.tools.hosting.requests("create_model")
    return request.get("VpcConfig")


def a_foreign_endpoint_in_a_vpc() -> FakeTools:
    tools = FakeTools()
    tools.hosting.serve("churn", "by-hand", model="made-by-hand")
    tools.hosting.models["made-by-hand"]["VpcConfig"] = VPC
    return tools


def test_a_model_is_in_the_vpc_that_its_spec_names() -> None:
    assert made(the_next_one(FakeTools(), NAMED)) == VPC


def test_the_next_model_stays_there_without_a_further_call() -> None:
    story = the_next_one(a_live_endpoint(spec=NAMED).tools)
    assert made(story) == VPC
    assert [name for name, _ in story.tools.hosting.calls] == ["create_model"]


def test_a_model_of_an_endpoint_without_one_is_in_none_without_a_further_call() -> None:
    story = the_next_one(a_live_endpoint().tools)
    assert made(story) is None
    assert [name for name, _ in story.tools.hosting.calls] == ["create_model"]


def test_a_spec_leaves_the_vpc_on_purpose() -> None:
    assert made(the_next_one(a_live_endpoint(spec=NAMED).tools, {"serve": {"vpc": {"keep": False}}})) is None


def test_the_vpc_of_an_endpoint_that_is_adopted_is_kept_and_known_from_then_on() -> None:
    story = the_next_one(a_foreign_endpoint_in_a_vpc(), {"adopt": True})
    assert made(story) == VPC
    assert story.release.fact(Phase.CREATE_MODEL, "vpc") == VPC


def test_an_adopted_model_is_asked_for_as_long_as_it_is_the_live_one() -> None:
    adopting = the_next_one(a_foreign_endpoint_in_a_vpc(), {"adopt": True})
    adopting.step(Phase.VERIFY_CONFIG)
    adopting.step(Phase.CLOSE_RELEASE)
    story = Story(adopting.tools, "execution-3")
    story.tools.hosting.calls.clear()
    story.drop(version="3", body=archive(model_joblib="v3"))
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL):
        story.step(phase)
    assert made(story) == VPC
    assert story.tools.hosting.requests("describe_model") == ["made-by-hand"]


def test_a_live_model_that_is_gone_leaves_its_vpc_unknown_and_nothing_is_made() -> None:
    tools = a_foreign_endpoint_in_a_vpc()
    del tools.hosting.models["made-by-hand"]
    story = the_next_one(tools, {"adopt": True})
    assert story.answer(Phase.CREATE_MODEL) is Answer.REFUSED
    assert "made-by-hand is gone" in story.release.phases[Phase.CREATE_MODEL].reason
    assert story.tools.hosting.requests("create_model") == []


def test_a_vpc_that_the_models_role_may_not_enter_is_refused_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tools = a_foreign_endpoint_in_a_vpc()
    monkeypatch.setattr(type(tools.settings), "models_in_vpc", False)
    story = the_next_one(tools, {"adopt": True})
    assert "ModelsInVpc" in story.release.phases[Phase.CREATE_MODEL].reason


def test_a_model_of_the_same_name_in_another_vpc_is_another_one() -> None:
    first = the_next_one(FakeTools(), NAMED)
    (request,) = first.tools.hosting.requests("create_model")
    first.tools.hosting.models[request["ModelName"]]["VpcConfig"] = {**VPC, "Subnets": ["subnet-ffffffff"]}
    story = Story(first.tools, "execution-1")
    story.release_id = first.release_id
    story.step(Phase.CREATE_MODEL)
    assert story.answer(Phase.CREATE_MODEL) is Answer.REFUSED

"""A multi-model endpoint: every archive of its folder is judged and frozen, and asked for by name."""

import json
from typing import Any

from slipway.exchanges import Invocation
from slipway.release.parts import frozen_addresses
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome, Verdict
from slipway.settings import Settings
from tests.fakes.tools import BUCKET, ENVIRONMENT, FakeTools, archive
from tests.steps.stories import Story
from tests.steps.test_sources import codes, spec_dropped

SERVE = {"multi_model": True}


def folder(number: int = 1) -> str:
    return f"models/churn/{number}/models/"


def cases(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "json": 1, "target_model": name, "expect": {"json": {"ok": True}}} for name in names]


def upload(tools: FakeTools, number: int = 1, **bodies: bytes) -> None:
    for name, body in (bodies or {"a": archive(model_joblib="a"), "b": archive(model_joblib="b")}).items():
        tools.artifacts.drop(BUCKET, f"{folder(number)}{name}.tar.gz", body)


def dropped(tools: FakeTools, number: int = 1, **spec: Any) -> Story:
    story = Story(tools, f"execution-{number}")
    tools.clock.advance(60)
    spec_dropped(story, str(number), artifact=folder(number), serve=SERVE, **spec)
    return story


def verified(story: Story) -> Verdict:
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    return verdict


def test_it_goes_live_from_frozen_archives_and_each_model_is_asked() -> None:
    tools = FakeTools()
    upload(tools)
    story = dropped(tools, smoke=cases("a.tar.gz", "b.tar.gz"))
    story.through(Phase.CREATE_ENDPOINT)
    tools.hosting.settle("churn")
    story.finish()
    assert story.release.outcome is Outcome.LIVE
    (request,) = tools.hosting.requests("create_model")
    frozen = frozen_addresses(story.release)[""]
    assert (request["PrimaryContainer"]["Mode"], request["PrimaryContainer"]["ModelDataUrl"]) == ("MultiModel", frozen)
    key = frozen.removeprefix(f"s3://{BUCKET}/")
    assert {f"{key}a.tar.gz", f"{key}b.tar.gz"} <= set(tools.artifacts.keys(BUCKET))
    asked: list[Invocation] = tools.hosting.requests("invoke")
    assert {each.target_model for each in asked} == {"a.tar.gz", "b.tar.gz"}


def test_one_broken_archive_refuses_all_and_is_named() -> None:
    tools = FakeTools()
    upload(tools, a=archive(model_joblib="a"), b=b"none")
    verdict = verified(dropped(tools, smoke=cases("a.tar.gz")))
    assert verdict.answer is Answer.REFUSED
    assert verdict.findings[0].where.startswith("b.tar.gz")
    assert not [key for key in tools.artifacts.keys(BUCKET) if key.startswith("frozen/")]


def test_a_model_that_no_case_meets_is_told_and_one_that_is_not_there_is_refused() -> None:
    tools = FakeTools()
    upload(tools)
    (note,) = verified(dropped(tools, smoke=cases("a.tar.gz"))).findings
    assert (note.code, "b.tar.gz" in note.message) == ("SMOKE_UNMET", True)
    story = dropped(tools, smoke=cases("a.tar.gz", "c.tar.gz"), owner="me")
    verified(story)
    assert codes(story) == ["SPEC_SMOKE_TARGET"]


def test_the_cases_that_archives_bring_are_sent_to_them() -> None:
    tools = FakeTools()
    case = json.dumps({"json": 1, "expect": {"json": {"ok": True}}})
    upload(tools, a=archive(model_joblib="a", smoke__row_json=case), b=archive(model_joblib="b", smoke__row_json=case))
    verdict = verified(dropped(tools))
    assert [each["target_model"] for each in verdict.facts["smoke"]] == ["a.tar.gz", "b.tar.gz"]
    assert "2 models" in verdict.reason


def test_pickles_in_any_archive_are_held_to_the_policy() -> None:
    tools = FakeTools()
    tools.settings = Settings(ENVIRONMENT | {"SLIPWAY_PICKLES": "refuse"})
    upload(tools, a=archive(model_onnx="a"), b=archive(model_pkl="b"))
    verdict = verified(dropped(tools, smoke=cases("a.tar.gz")))
    assert [(each.code, each.where) for each in verdict.findings] == [("POLICY_PICKLE", "b.tar.gz model.pkl")]


def test_what_does_not_fit_the_image_is_told_of_its_archive() -> None:
    tools = FakeTools()
    upload(tools, a=archive(model_onnx="a"), b=archive(**{"xgboost-model": "b"}))
    serve = {**SERVE, "image": "aws/sagemaker-tensorflow:1"}
    story = Story(tools)
    spec_dropped(story, "1", artifact=folder(), serve=serve, smoke=cases("a.tar.gz", "b.tar.gz"))
    assert [(each.code, each.where) for each in verified(story).findings] == [
        ("FRAMEWORK_MISMATCH", "b.tar.gz serve.image")]  # fmt: skip


def test_an_archive_more_in_the_same_folder_is_a_new_release() -> None:
    tools = FakeTools()
    upload(tools)
    first = verified(dropped(tools, smoke=cases("a.tar.gz"))).facts["digest"]
    upload(tools, c=archive(model_joblib="c"))
    assert verified(dropped(tools, smoke=cases("a.tar.gz"), owner="me")).facts["digest"] != first

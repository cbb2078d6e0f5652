"""A release of several containers: every artifact is frozen, and the model serves from nothing else."""

import json
from typing import Any

from slipway.release.parts import frozen_addresses
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import BUCKET, FakeTools, archive, drop_event
from tests.steps.stories import SMOKE, Story
from tests.steps.test_archive_brings import EXAMPLE, MLMODEL
from tests.steps.test_sources import codes
from tests.unit.hostile_archives import packed

PRE = "models/churn/parts/pre.tar.gz"
PIPELINE = {"containers": [{"name": "pre", "artifact": PRE}, {"name": "model"}]}
DIRECT = {**PIPELINE, "execution": "direct"}
CASE = {"name": "a", "json": 1, "expect": {"json": {"ok": True}}}


def scaler(tools: FakeTools, text: str = "s1") -> None:
    tools.artifacts.drop(BUCKET, PRE, archive(scaler_joblib=text))


def released(tools: FakeTools, number: int, serve: dict[str, Any], **more: Any) -> Story:
    story = Story(tools, f"execution-{number}")
    tools.clock.advance(60)
    story.start(version=str(number), spec={"serve": serve, "smoke": [SMOKE], **more})
    tools.hosting.settle("churn")
    story.finish()
    return story


def test_a_pipeline_goes_live_from_frozen_artifacts() -> None:
    tools = FakeTools()
    scaler(tools)
    story = released(tools, 1, PIPELINE)
    assert story.release.outcome is Outcome.LIVE
    (request,) = tools.hosting.requests("create_model")
    frozen = frozen_addresses(story.release)
    assert [each["ModelDataUrl"] for each in request["Containers"]] == [frozen[PRE], frozen[""]]
    assert request["InferenceExecutionConfig"] == {"Mode": "Serial"}


def test_the_same_again_is_unchanged_and_a_new_preprocessor_is_not() -> None:
    tools = FakeTools()
    scaler(tools)
    released(tools, 1, PIPELINE)
    assert released(tools, 2, PIPELINE).release.outcome is Outcome.UNCHANGED
    scaler(tools, "s2")
    assert released(tools, 3, PIPELINE).release.outcome is Outcome.LIVE


def test_a_model_that_is_there_already_is_known_by_all_its_containers() -> None:
    tools = FakeTools()
    scaler(tools)
    released(tools, 1, PIPELINE)
    assert released(tools, 2, PIPELINE, owner="me").release.outcome is Outcome.LIVE
    assert len(tools.hosting.models) == 1


def test_an_artifact_that_is_not_there_rejects_before_anything_is_made() -> None:
    story = Story()
    assert story.drop(spec={"serve": PIPELINE}).answer is Answer.REFUSED
    assert codes(story) == ["ARTIFACT_ABSENT"]


def test_an_artifact_uploaded_later_is_released_by_the_spec_uploaded_again() -> None:
    story = Story()
    story.drop(spec={"serve": PIPELINE})
    scaler(story.tools)
    ref = story.tools.artifacts.drop(BUCKET, "models/churn/1/release.json", json.dumps({"serve": PIPELINE}).encode())
    again = Story(story.tools, "execution-2")
    assert again.read(drop_event(ref.key, ref.version)).answer is Answer.ACCEPTED


def test_a_container_that_no_case_meets_is_told_where_they_are_direct() -> None:
    tools = FakeTools()
    scaler(tools)
    story = Story(tools)
    story.drop(spec={"serve": DIRECT, "smoke": [{**CASE, "target_container": "model"}]})
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    (finding,) = verdict.findings
    assert (finding.code, "pre" in finding.message) == ("SMOKE_UNMET", True)


def test_cases_of_the_archive_ask_for_the_container_that_serves_it() -> None:
    tools = FakeTools()
    scaler(tools)
    story = Story(tools)
    case = {**CASE, "name": "other", "target_container": "pre"}
    files = {"model_joblib": "v1", "smoke__own_json": json.dumps(CASE), "smoke__pre_json": json.dumps(case)}
    story.drop(spec={"serve": DIRECT}, body=archive(**files))
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert [each["target_container"] for each in verdict.facts["smoke"]] == ["model", "pre"]


def test_a_case_of_the_archive_that_asks_for_an_unknown_container_refuses_it() -> None:
    tools = FakeTools()
    scaler(tools)
    story = Story(tools)
    case = {**CASE, "target_container": "nobody"}
    story.drop(spec={"serve": PIPELINE}, body=archive(model_joblib="v1", smoke__a_json=json.dumps(case)))
    assert story.step(Phase.VERIFY_ARTIFACT) is not None
    assert codes(story) == ["SPEC_SMOKE_TARGET"]


def test_an_example_of_mlflow_is_no_request_to_a_pipeline_that_begins_with_another_container() -> None:
    tools = FakeTools()
    scaler(tools)
    body = packed({"MLmodel": MLMODEL, "model.pkl": b"", "input_example.json": EXAMPLE})
    answers = {}
    for number, containers in enumerate((PIPELINE["containers"], PIPELINE["containers"][::-1]), 1):
        story = Story(tools, f"execution-{number}")
        story.drop(version=str(number), spec={"serve": {"containers": containers}}, body=body)
        verdict = story.step(Phase.VERIFY_ARTIFACT)
        assert verdict is not None
        answers[number] = [each["name"] for each in verdict.facts.get("smoke", [])]
    assert answers == {1: [], 2: ["MLflow input example"]}


def test_what_does_not_fit_an_image_is_told_of_the_artifact_that_it_serves() -> None:
    tools = FakeTools()
    tools.artifacts.drop(BUCKET, PRE, archive(**{"xgboost-model": "x"}))
    story = Story(tools)
    containers = [{"name": "pre", "artifact": PRE, "image": "aws/sagemaker-tensorflow:1"}, {"name": "model"}]
    story.drop(spec={"serve": {"containers": containers}, "smoke": [SMOKE]})
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert [(each.code, each.where.split(" ")[0]) for each in verdict.findings] == [("FRAMEWORK_MISMATCH", PRE)]


def test_requirements_that_cannot_be_installed_are_told_of_the_artifact_that_brings_them() -> None:
    tools = FakeTools()
    tools.artifacts.drop(BUCKET, PRE, archive(model_joblib="x", code__requirements_txt="numpy\n"))
    story = Story(tools)
    story.drop(spec={"serve": PIPELINE, "smoke": [SMOKE]})
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert [(each.code, each.where) for each in verdict.findings] == [
        ("CODE_REQUIREMENTS_ISOLATED", f"{PRE} code/requirements.txt")
    ]


def test_the_same_bytes_under_another_key_are_unchanged() -> None:
    tools = FakeTools()
    scaler(tools)
    released(tools, 1, PIPELINE)
    elsewhere = PRE.replace("/parts/", "/parts/2/")
    tools.artifacts.drop(BUCKET, elsewhere, archive(scaler_joblib="s1"))
    moved = {"containers": [{"name": "pre", "artifact": elsewhere}, {"name": "model"}]}
    assert released(tools, 2, moved).release.outcome is Outcome.UNCHANGED

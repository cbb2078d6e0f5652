"""What an archive brings is used: its smoke cases are sent, its layout is told, its bytes are the expected ones."""

import hashlib
import json
from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Answer, Verdict
from slipway.settings import Settings
from tests.fakes.tools import BUCKET, ENVIRONMENT, FakeTools, drop_event
from tests.steps.stories import Story
from tests.unit.hostile_archives import packed

MLMODEL = b"flavors:\n  python_function: {}\n  sklearn: {}\n"
EXAMPLE = json.dumps({"columns": ["age"], "data": [[42]]}).encode()
CASE = json.dumps({"json": [[1]], "expect": {"paths": [{"path": "$.ok", "json": True}]}}).encode()


def verified(files: dict[str, bytes], spec: dict[str, Any] | None = None, **settings: str) -> tuple[Story, Verdict]:
    """Drop an archive of these files and verify it."""
    tools = FakeTools()
    tools.settings = Settings(ENVIRONMENT | {f"SLIPWAY_{name}": value for name, value in settings.items()})
    story = Story(tools)
    story.drop(spec=spec, body=packed(files))
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    return story, verdict


def sent_bodies(story: Story) -> set[bytes]:
    for phase in (Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG, Phase.CREATE_CONFIG):
        story.step(phase)
    story.step(Phase.CREATE_ENDPOINT)
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    verdict = story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert verdict is not None
    assert verdict.answer is Answer.PASSED, verdict
    return {asked.body for operation, asked in story.tools.hosting.calls if operation == "invoke"}


def test_the_smoke_cases_of_the_archive_are_sent_when_the_spec_has_none() -> None:
    story, verdict = verified({"model.joblib": b"", "smoke/a row.json": CASE})
    assert "1 smoke cases from smoke/*.json of the archive" in verdict.reason
    assert sent_bodies(story) == {b"[[1]]"}


def test_the_cases_of_the_spec_count_more_and_the_archives_are_not_even_read() -> None:
    spec = {"smoke": [{"name": "mine", "json": [2]}]}
    story, verdict = verified({"model.joblib": b"", "smoke/a.json": b"{broken"}, spec)
    assert verdict.answer is Answer.SOUND
    assert sent_bodies(story) == {b"[2]"}


def test_an_mlflow_model_is_tested_by_its_own_input_example() -> None:
    story, verdict = verified({"MLmodel": MLMODEL, "model.pkl": b"", "input_example.json": EXAMPLE})
    assert (verdict.facts["frameworks"], verdict.facts["flavors"]) == (["MLflow"], ["python_function", "sklearn"])
    assert sent_bodies(story) == {b'{"dataframe_split": {"columns": ["age"], "data": [[42]]}}'}


def test_a_wrong_smoke_case_in_the_archive_refuses_it_before_anything_is_made() -> None:
    story, verdict = verified({"model.joblib": b"", "smoke/a.json": b'{"jsn": 1}'})
    assert verdict.answer is Answer.REFUSED
    assert {finding.where for finding in verdict.findings} == {"smoke/a.json", "smoke/a.json jsn"}
    assert not story.tools.hosting.calls


def test_the_layout_is_told_in_the_reason_and_in_the_facts() -> None:
    _, verdict = verified({"xgboost-model": b"x", "config.json": b"{}", "model.safetensors": b""})
    assert "laid out for Hugging Face and XGBoost" in verdict.reason
    assert verdict.facts["frameworks"] == ["Hugging Face", "XGBoost"]


def test_the_output_of_a_training_job_is_called_so() -> None:
    story = Story()
    ref = story.tools.artifacts.drop(BUCKET, "models/churn/job-1/output/model.tar.gz", packed({"model.joblib": b""}))
    story.read(drop_event(ref.key, ref.version))
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert verdict.facts["origin"] == "a training job's output"


@pytest.mark.parametrize(("rule", "answer", "codes"), [
    ("allow", Answer.SOUND, []),
    ("warn", Answer.SOUND, ["POLICY_PICKLE"]),
    ("refuse", Answer.REFUSED, ["POLICY_PICKLE"]),
])  # fmt: skip
def test_pickles_are_allowed_told_of_or_refused_as_the_policy_says(rule: str, answer: Answer, codes: list[str]) -> None:
    _, verdict = verified({"model.joblib": b"x"}, PICKLES=rule)
    assert verdict.answer is answer
    assert [finding.code for finding in verdict.findings] == codes


def test_other_bytes_than_the_spec_expects_are_refused() -> None:
    files = {"model.joblib": b"x"}
    digest = hashlib.sha256(packed(files)).hexdigest()
    assert verified(files, {"artifact_sha256": digest.upper()})[1].answer is Answer.SOUND
    _, verdict = verified(files, {"artifact_sha256": "0" * 64})
    assert [finding.code for finding in verdict.findings] == ["ARTIFACT_OTHER_BYTES"]
    assert digest in verdict.reason


def test_what_will_not_fit_is_told_with_the_sound_verdict() -> None:
    _, verdict = verified({"model.pth": b"", "code/requirements.txt": b"numpy\n", "code/inference.py": b""})
    assert verdict.answer is Answer.SOUND
    assert [finding.code for finding in verdict.findings] == ["CODE_REQUIREMENTS_ISOLATED"]


def test_an_archive_that_a_key_keeps_shut_is_refused_with_what_was_said_and_a_way_out() -> None:
    story = Story()
    story.drop()

    def locked(ref: ObjectRef) -> Any:
        raise PermissionError(f"{ref.uri}: not authorized to perform: kms:Decrypt")

    story.tools.artifacts.stream = locked  # type: ignore[method-assign]
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    (finding,) = verdict.findings
    assert (verdict.answer, finding.code) == (Answer.REFUSED, "ARTIFACT_FORBIDDEN")
    assert "kms:Decrypt" in finding.message
    assert "key" in finding.next_step

"""What the real libraries save is dropped without any configuration, tested by what it brings, and goes live."""

import json
from pathlib import Path

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Outcome
from tests.scenarios.corpus import BUILDERS, sklearn_archive
from tests.scenarios.person import Person

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(300)]

NEEDS = {"onnx": "onnxruntime"}
"""Not every platform has a wheel of it."""

PATIENT = b"serve: {health_check_timeout_seconds: 3600}\n"
"""A minute of this cloud's time: a busy machine may take that long to import MLflow."""


@pytest.mark.parametrize("library", BUILDERS)
def test_what_a_library_saved_goes_live_by_the_smoke_that_it_brings(
    person: Person, library: str, tmp_path: Path
) -> None:
    pytest.importorskip(NEEDS.get(library, library))
    made, endpoint = BUILDERS[library](tmp_path), f"corpus-{library}"
    person.upload(f"models/{endpoint}/release.yaml", PATIENT)
    release = person.release_of(person.upload(f"models/{endpoint}/1/model.tar.gz", made.archive))
    assert release.outcome is Outcome.LIVE, release.reason
    assert made.framework in release.fact(Phase.VERIFY_ARTIFACT, "frameworks")
    assert release.fact(Phase.VERIFY_ARTIFACT, "smoke_source")
    (case,) = release.fact(Phase.RUN_SMOKE_INVOCATIONS, "cases")
    assert (case["answer"], case["requests"]) == ("passed", 3)
    assert person.ask(endpoint, made.request) == pytest.approx(made.answer, abs=1e-5)


def test_a_model_that_fails_at_its_request_is_taken_back_with_what_its_container_wrote(
    person: Person, tmp_path: Path
) -> None:
    spec = {"smoke": [{"name": "a row of words", "json": [["a", "b", "c", "d"]], "repeats": 1, "warm_up": 0}]}
    person.upload("models/breaks/1/release.json", json.dumps(spec).encode())
    release = person.release_of(person.upload("models/breaks/1/model.tar.gz", sklearn_archive(tmp_path).archive))
    assert release.outcome is Outcome.ROLLED_BACK, release.reason
    finding = release.phases[Phase.RUN_SMOKE_INVOCATIONS].findings[0]
    assert "got status 500" in finding.message
    assert "The container wrote: " in finding.message
    assert any("ValueError" in line for line in release.fact(Phase.RUN_SMOKE_INVOCATIONS, "cases")[0]["log"])


def test_a_model_that_answers_otherwise_than_the_live_one_is_taken_back(person: Person, tmp_path: Path) -> None:
    first, second = sklearn_archive(tmp_path), sklearn_archive(tmp_path, strength=0.001)
    lax = {"name": "any answer", "json": first.request, "expect": {"schema": {"type": "array", "minItems": 3}}}
    spec = {"smoke": [lax], "regression": {"inputs": "smoke", "tolerance": 0.01}}
    person.upload("models/compared/release.json", json.dumps(spec).encode())
    before = person.release_of(person.upload("models/compared/1/model.tar.gz", first.archive))
    assert before.outcome is Outcome.LIVE, before.reason
    assert [each.code for each in before.phases[Phase.CREATE_CONFIG].findings] == ["REGRESSION_FIRST"]
    after = person.release_of(person.upload("models/compared/2/model.tar.gz", second.archive))
    assert after.outcome is Outcome.ROLLED_BACK
    told = {finding.code for finding in after.phases[Phase.RUN_SMOKE_INVOCATIONS].findings}
    assert "REGRESSION_DIFFERS" in told
    assert person.ask("compared", first.request) == pytest.approx(first.answer, abs=1e-5)

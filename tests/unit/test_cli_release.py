"""`slipway release` at a desk of fakes."""

import json
from functools import partial
from pathlib import Path

import pytest

from slipway.release.phases import Phase
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Answer, Outcome
from tests.unit.cli_kit import BUCKET, ENDPOINT, FakeDesk, data, run

KEY = f"models/{ENDPOINT}/7/model.tar.gz"
DROP = ObjectRef(BUCKET, KEY, "v1")


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(b"bytes")
    return path


def words(model: Path, *more: str) -> tuple[str, ...]:
    return ("release", str(model), "--endpoint", ENDPOINT, "--version", "7", *more)


def test_a_release_that_goes_live_is_done(desk: FakeDesk, model: Path) -> None:
    desk.then(partial(desk.begin, "r1"), partial(desk.go_live, "r1"))
    result = run(desk, *words(model))
    assert result.exit_code == 0
    assert result.stdout == "LIVE  churn  it serves\n"
    assert desk.bucket.uploads == [("model.tar.gz", KEY)]
    assert desk.bucket.asked_by == [desk.caller]


def test_the_spec_is_uploaded_before_the_model(desk: FakeDesk, model: Path) -> None:
    spec = model.with_name("tuesday.json")
    spec.write_text("{}")
    run(desk, *words(model, "--spec", str(spec), "--no-follow"))
    assert [key for _, key in desk.bucket.uploads] == [f"models/{ENDPOINT}/7/release.json", KEY]


def test_force_is_written_into_the_spec_that_is_uploaded_before_the_model(desk: FakeDesk, model: Path) -> None:
    spec = model.with_name("tuesday.yml")
    spec.write_text("owner: me\n")
    for words_of_spec in (("--spec", str(spec)), ()):
        run(desk, *words(model, *words_of_spec, "--force", "--no-follow"))
    assert [key for _, key in desk.bucket.uploads] == [f"models/{ENDPOINT}/7/release.yaml", KEY] * 2
    assert [json.loads(text) for text in desk.bucket.texts if b"force" in text] == [
        {"owner": "me", "force": True},
        {"force": True},
    ]


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.ROLLED_BACK, Outcome.NEEDS_HUMAN])
def test_a_release_that_did_not_get_there_exits_3_and_says_what_to_type(
    desk: FakeDesk, model: Path, outcome: Outcome
) -> None:
    desk.then(partial(desk.begin, "r1"), partial(desk.end, "r1", outcome))
    result = run(desk, *words(model))
    assert result.exit_code == 3
    assert result.stdout.startswith(outcome)
    assert "Next: slipway logs r1" in result.stderr


@pytest.mark.parametrize("outcome", [Outcome.UNCHANGED, Outcome.SUPERSEDED])
def test_a_release_that_was_not_needed_is_done(desk: FakeDesk, model: Path, outcome: Outcome) -> None:
    desk.then(partial(desk.begin, "r1"), partial(desk.end, "r1", outcome))
    assert run(desk, *words(model)).exit_code == 0


def test_json_holds_the_whole_release_and_nothing_else_is_on_stdout(desk: FakeDesk, model: Path) -> None:
    desk.then(
        partial(desk.begin, "r1"),
        partial(desk.conclude, "r1", Phase.VERIFY_ARTIFACT, Answer.SOUND, "5 bytes"),
        partial(desk.go_live, "r1"),
    )
    told = data(run(desk, *words(model, "--json")))
    assert (told["release"], told["outcome"], told["version"]) == ("r1", "LIVE", "7")
    assert [phase["state"] for phase in told["phases"]] == ["Verify the Artifact", "Close the Release"]


def test_each_change_is_one_line_on_stderr(desk: FakeDesk, model: Path) -> None:
    desk.then(
        partial(desk.begin, "r1"),
        partial(desk.conclude, "r1", Phase.VERIFY_ARTIFACT, Answer.SOUND, "5 bytes"),
        lambda: None,
        partial(desk.conclude, "r1", Phase.RUN_SMOKE_INVOCATIONS, Answer.FAILED, "the answer differs"),
        partial(desk.end, "r1", Outcome.ROLLED_BACK, "Run Smoke Invocations: the answer differs"),
    )
    told = run(desk, *words(model)).stderr
    assert told.count("✔ Verify the Artifact 0 ms: 5 bytes") == 1
    assert told.count("✖ Run Smoke Invocations 0 ms: the answer differs") == 1
    assert told.count("the answer differs") == 1


def test_a_release_that_takes_too_long_goes_on_and_exits_5(desk: FakeDesk, model: Path) -> None:
    desk.then(partial(desk.begin, "r1"), partial(desk.conclude, "r1", Phase.CREATE_ENDPOINT, Answer.STARTED))
    result = run(desk, *words(model, "--timeout", "20"))
    assert result.exit_code == 5
    assert "it is at 'Create the Endpoint'" in result.stderr
    assert "slipway watch churn" in result.stderr


def test_an_outcome_counts_even_if_the_release_is_never_closed(desk: FakeDesk, model: Path) -> None:
    desk.then(
        partial(desk.begin, "r1"),
        lambda: desk.ledger.settle(desk.ledger.release("r1"), Outcome.REJECTED, "no"),
    )
    assert run(desk, *words(model)).exit_code == 3
    assert sum(desk.clock.slept) < 60


def test_an_upload_that_becomes_no_release_exits_5(desk: FakeDesk, model: Path) -> None:
    result = run(desk, *words(model))
    assert result.exit_code == 5
    assert "became no release" in result.stderr


def test_without_following_the_version_of_the_upload_is_told(desk: FakeDesk, model: Path) -> None:
    told = data(run(desk, *words(model, "--no-follow", "--json")))
    assert told == {"artifact": f"s3://{BUCKET}/{KEY}", "artifact_version": "v1"}


@pytest.mark.parametrize(
    ("endpoint", "version", "why"),
    [
        ("Churn", "7", "upper-case letters"),
        ("-churn", "7", "does not take"),
        ("churn", "output", "training job"),
        ("churn", "a/b", "has a slash"),
    ],
)
def test_a_name_that_no_release_may_have_is_refused_before_the_upload(
    desk: FakeDesk, model: Path, endpoint: str, version: str, why: str
) -> None:
    result = run(desk, "release", str(model), f"--endpoint={endpoint}", "--version", version)
    assert (result.exit_code, desk.bucket.uploads) == (2, [])
    assert why in result.stderr


def test_a_folder_is_refused_with_the_command_that_packs_it(desk: FakeDesk, tmp_path: Path) -> None:
    result = run(desk, *words(tmp_path))
    assert (result.exit_code, desk.bucket.uploads) == (2, [])
    assert f"tar -czf model.tar.gz -C {tmp_path} ." in result.stderr


def test_a_file_that_is_not_there_is_refused(desk: FakeDesk, tmp_path: Path) -> None:
    assert run(desk, *words(tmp_path / "model.tar.gz")).exit_code == 2


def test_a_spec_that_is_neither_yaml_nor_json_is_refused(desk: FakeDesk, model: Path) -> None:
    result = run(desk, *words(model, "--spec", str(model)))
    assert (result.exit_code, desk.bucket.uploads) == (2, [])

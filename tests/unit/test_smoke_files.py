"""A model that brings its own examples is tested by them, without a word of configuration."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.intake.contents import Contents
from slipway.intake.mlflow_model import mlflow_model
from slipway.intake.smoke_files import smoke_cases
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Finding

MLMODEL = (
    b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n  sklearn:\n    code: null\nmodel_uuid: abc\n"
)
SPLIT = {"columns": ["age"], "index": [0], "data": [[42]]}


def read(**files: Any) -> tuple[tuple[SmokeCase, ...], str, list[Finding]]:
    """Read cases from files given as JSON; a double underscore in a name stands for a slash."""
    kept = {f"{name.replace('__', '/')}.json": json.dumps(value).encode() for name, value in files.items()}
    return smoke_cases(Contents(kept=kept))


def wrong(content: bytes) -> list[tuple[str, str]]:
    _, _, found = smoke_cases(Contents(kept={"smoke/a.json": content}))
    assert found
    return [(finding.code, finding.where) for finding in found]


def test_every_file_in_smoke_is_a_case_called_like_it() -> None:
    cases, source, found = read(smoke__one={"json": [1]}, smoke__two={"name": "mine", "body": "x"})
    assert not found
    assert cases == (SmokeCase(name="one", json=[1]), SmokeCase(name="mine", body="x"))
    assert source == "smoke/*.json of the archive"


def test_a_file_may_hold_several_cases() -> None:
    cases, _, found = read(smoke__one=[{"json": 1}, {"json": 2, "expect": {"status": 415}}])
    assert not found
    assert [(case.name, case.expect.status) for case in cases] == [("one 1", 200), ("one 2", 415)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", [("SPEC_UNREADABLE", "smoke/a.json line 1, column 2")]),
        (b"[1]", [("SPEC_WRONG_TYPE", "smoke/a.json")]),
        (b'{"json": 1, "expect": {"statsu": 1}}', [("SPEC_UNKNOWN_KEY", "smoke/a.json expect.statsu")]),
        (b'{"json": 1, "json": 2}', [("SPEC_KEY_TWICE", "smoke/a.json")]),
        (b'{"json": NaN}', [("SPEC_UNKEEPABLE", "smoke/a.json"), ("SPEC_SMOKE_REQUEST", "smoke/a.json")]),
        (b"{}", [("SPEC_SMOKE_REQUEST", "smoke/a.json")]),
        (b'{"json": 1, "expect": {"matches": "("}}', [("SPEC_SMOKE_UNREADABLE", "smoke/a.json expect.matches")]),
        (b"1", [("SPEC_UNREADABLE", "smoke/a.json")]),
        (b"\xff", [("SPEC_NOT_UTF8", "smoke/a.json")]),
    ],
)
def test_a_wrong_case_is_told_with_its_file_and_place(content: bytes, expected: list[tuple[str, str]]) -> None:
    assert wrong(content) == expected


def test_two_cases_of_one_name_are_told() -> None:
    _, _, found = read(smoke__one={"name": "a", "json": 1}, smoke__two={"name": "a", "json": 2})
    assert [finding.code for finding in found] == ["SPEC_SMOKE_TWICE"]


def test_more_cases_than_the_ledger_keeps_are_refused() -> None:
    for cases in ([{"json": 1}] * 51, [{"body": "x" * 60_000}] * 3):
        _, _, found = read(smoke__many=cases)
        assert [finding.code for finding in found] == ["SMOKE_FILE_TOO_LARGE"]


def test_a_case_that_was_too_large_to_keep_is_refused() -> None:
    _, _, found = smoke_cases(Contents(too_large=["smoke/large.json"]))
    assert [(finding.code, finding.where) for finding in found] == [("SMOKE_FILE_TOO_LARGE", "smoke/large.json")]


@pytest.mark.parametrize(
    ("files", "body"),
    [
        ({"serving_input_example": {"dataframe_split": SPLIT}, "input_example": SPLIT}, {"dataframe_split": SPLIT}),
        ({"input_example": SPLIT}, {"dataframe_split": SPLIT}),
        ({"input_example": [[1, 2]]}, {"inputs": [[1, 2]]}),
        ({"input_example": {"text": "a"}}, {"inputs": {"text": "a"}}),
    ],
)
def test_an_input_example_of_mlflow_becomes_a_request(files: dict[str, Any], body: Any) -> None:
    kept = {"MLmodel": MLMODEL, **{f"{name}.json": json.dumps(value).encode() for name, value in files.items()}}
    (case,), source, found = smoke_cases(Contents(kept=kept))
    assert not found
    assert (source, json.loads(case.body or "")) == ("the MLflow input example", body)
    assert case.expect.status == 200


def test_an_example_without_an_mlmodel_means_nothing() -> None:
    assert read(input_example=SPLIT) == ((), "", [])


@pytest.mark.parametrize("broken", [b"{", b"\xff", b"[" * 100_000], ids=["cut off", "no UTF-8", "deep"])
def test_an_mlflow_example_that_cannot_be_read_is_left_out(broken: bytes) -> None:
    assert smoke_cases(Contents(kept={"MLmodel": MLMODEL, "input_example.json": broken})) == ((), "", [])


def test_the_archives_own_cases_count_more_than_the_example() -> None:
    kept = {"MLmodel": MLMODEL, "input_example.json": b"[1]", "smoke/a.json": b'{"json": 1}'}
    assert [case.name for case in smoke_cases(Contents(kept=kept))[0]] == ["a"]


def test_the_flavours_of_an_mlflow_model_are_told() -> None:
    model = mlflow_model({"MLmodel": MLMODEL})
    assert model is not None
    assert model.flavors == ("python_function", "sklearn")
    assert mlflow_model({}) is None
    for broken in (b"\xff", b"flavors: [1", b"- a", b"flavors: 3"):
        assert mlflow_model({"MLmodel": broken}) is not None


@given(st.binary(max_size=100))
def test_no_bytes_of_a_case_make_it_raise(content: bytes) -> None:
    smoke_cases(Contents(kept={"smoke/a.json": content, "MLmodel": content, "input_example.json": content}))


def test_no_further_file_is_read_once_there_is_enough_to_refuse() -> None:
    contents = Contents(kept={f"smoke/{number}.json": b"[1, 1, 1, 1, 1, 1, 1, 1, 1, 1]" for number in range(100)})
    _, _, found = smoke_cases(contents)
    assert 50 <= len(found) < 100

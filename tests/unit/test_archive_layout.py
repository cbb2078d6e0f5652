"""An archive that is safe may still be laid out so that SageMaker finds no model in it."""

import pytest

from slipway.intake.archive import Inspection, inspect
from slipway.intake.contents import CODE_LIMIT
from tests.unit.hostile_archives import archive, member, packed


def seen(*names: str) -> Inspection:
    return inspect([packed(dict.fromkeys(names, b""))])


def codes(*names: str) -> list[str]:
    return [finding.code for finding in seen(*names).findings]


@pytest.mark.parametrize(
    "names",
    [
        ("model.joblib",),
        ("xgboost-model", "code/inference.py"),
        ("1/saved_model.pb", "1/variables/variables.index"),
        ("export/Servo/1/saved_model.pb",),
        ("resnet/config.pbtxt", "resnet/1/model.onnx"),
        ("MLmodel", "model.pkl", "conda.yaml"),
        ("config.json", "model.safetensors", "code/inference.py", "code/requirements.txt"),
        ("encoder/model.bin", "decoder/model.bin"),
        ("model.pt", "._model.pt", "__MACOSX/model.pt", ".DS_Store"),
    ],
)
def test_usual_layouts_are_sound(names: tuple[str, ...]) -> None:
    assert codes(*names) == []


@pytest.mark.parametrize(
    "names",
    [
        ("my model/model.joblib", "my model/code/inference.py"),
        ("my model/code/inference.py", "my model/weights/a.bin"),
        ("my model/model.joblib", "__MACOSX/my model/._model.joblib"),
    ],
)
def test_a_packed_folder_is_answered_with_the_right_command(names: tuple[str, ...]) -> None:
    (finding,) = seen(*names).findings
    assert finding.code == "LAYOUT_IN_A_FOLDER"
    assert "tar -C 'my model' -czf model.tar.gz ." in finding.next_step


def test_nothing_but_code_is_no_model() -> None:
    assert codes("code/inference.py", "code/requirements.txt") == ["LAYOUT_ONLY_CODE"]


def test_an_archive_without_files_holds_no_model() -> None:
    assert [finding.code for finding in inspect([archive(member(b"model/", kind=b"5"))]).findings] == ["LAYOUT_NOTHING"]
    assert [finding.code for finding in inspect([archive()]).findings] == ["LAYOUT_NOTHING"]
    assert codes("__MACOSX/._x") == ["LAYOUT_NOTHING"]


def code(source: bytes) -> list[str]:
    packing = packed({"model": b"", "code/inference.py": source})
    return [f"{finding.code} {finding.message}" for finding in inspect([packing]).findings]


@pytest.mark.parametrize(
    "source",
    [b"", b"\xef\xbb\xbfx = 1\n", b"# coding: latin-1\nx = '\xe9'\n", b"pattern = '\\d'\n", b"import torch\n"],
)
def test_code_that_python_can_read_is_sound(source: bytes) -> None:
    assert code(source) == []


def test_a_syntax_error_names_the_line_and_runs_nothing() -> None:
    (finding,) = code(b"raise SystemExit\ndef model_fn(:\n")
    assert finding.startswith("CODE_SYNTAX line 2:")


@pytest.mark.parametrize("source", [b"x = '\0'\n", b"-" * 60_000 + b"1", b"(" * 5000, b"a" + b".a" * 30_000])
def test_code_made_to_break_a_parser_is_refused(source: bytes) -> None:
    (finding,) = code(source)
    assert finding.startswith(("CODE_UNPARSABLE", "CODE_SYNTAX"))


def test_code_too_large_to_be_parsed_is_left_to_the_container() -> None:
    assert code(b"(" * (CODE_LIMIT + 1)) == []

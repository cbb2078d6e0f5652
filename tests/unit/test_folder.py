"""A model that is not packed: what is said of its files."""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.intake.archive import Inspection, Limits
from slipway.intake.folder import File, inspect_folder
from slipway.intake.sources import folder_version
from slipway.release.release import ObjectRef


def judged(limits: Limits | None = None, **files: str) -> Inspection:
    """Judge files; in a name a double underscore stands for a slash, a single one for a dot."""
    named = {name.replace("__", "/").replace("_", "."): text.encode() for name, text in files.items()}
    return inspect_folder((File(name, len(body), [body]) for name, body in named.items()), limits)[0]


def codes(inspection: Inspection) -> list[str]:
    return [finding.code for finding in inspection.findings]


def test_a_sound_folder_is_known_by_what_sha256sum_prints_of_its_files() -> None:
    found = judged(model_onnx="weights", code__inference_py="x = 1\n")
    lines = [("x = 1\n", "code/inference.py"), ("weights", "model.onnx")]
    listed = "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for text, name in lines)
    assert found.digest == hashlib.sha256(listed.encode()).hexdigest()
    assert (found.is_sound, found.size, found.members) == (True, 13, 3)
    assert found.contents.frameworks() == ("ONNX",)


def test_the_order_of_the_files_changes_nothing() -> None:
    assert judged(a_bin="1", b_bin="2").digest == judged(b_bin="2", a_bin="1").digest


def test_the_same_bytes_under_another_name_are_another_model() -> None:
    assert judged(a_bin="1").digest != judged(b_bin="1").digest


@pytest.mark.parametrize("name", ["../escape", "/absolute", "a//b", "./a", "a\\b", "C:/a", "a\nb", "x/" * 40 + "a"])
def test_a_file_whose_name_is_not_plain_is_refused_and_not_read(name: str) -> None:
    def unread() -> Iterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    found, digests = inspect_folder(iter([File(name, 1, unread()), File("after", 1, unread())]))
    assert codes(found) == ["FOLDER_FILE_NAME"]
    assert (found.digest, digests) == ("", {})


def test_names_that_differ_only_in_case_are_refused() -> None:
    assert codes(judged(model_bin="1", Model_bin="2")) == ["FOLDER_FILE_NAME"]


def test_a_file_that_is_a_folder_too_is_refused() -> None:
    assert codes(judged(a="1", a__b="2")) == ["FOLDER_FILE_NAME"]


def test_a_folder_larger_than_what_can_be_read_is_refused() -> None:
    assert codes(judged(Limits(packed_bytes=3), a_bin="12", b_bin="34")) == ["FOLDER_TOO_LARGE"]
    assert codes(judged(Limits(packed_bytes=4), a_bin="12", b_bin="34")) == []


def test_code_that_does_not_parse_is_told_with_everything_else() -> None:
    found = judged(code__inference_py="def (:", code__requirements_txt="-e .\n")
    assert {"LAYOUT_ONLY_CODE", "CODE_SYNTAX"} < set(codes(found))
    assert not found.is_sound


def test_a_model_one_folder_too_deep_is_told() -> None:
    (finding,) = judged(export__model_onnx="w").findings
    assert finding.code == "LAYOUT_IN_A_FOLDER"
    assert "tar" not in finding.next_step


def test_a_folder_around_an_archive_is_told() -> None:
    assert codes(judged(model_tar_gz="packed")) == ["FOLDER_OF_AN_ARCHIVE"]


def test_pickles_and_small_files_are_seen_across_chunks() -> None:
    pickle, smoke = b"\x80\x04\x95rest", b'{"json": []}'
    files = [
        File("weights", len(pickle), [pickle[:1], pickle[1:2], pickle[2:]]),
        File("smoke/a.json", len(smoke), [smoke[:3], smoke[3:]]),
    ]
    found, _ = inspect_folder(iter(files))
    assert found.contents.pickles == ["weights"]
    assert found.contents.kept == {"smoke/a.json": smoke}


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.binary(max_size=40), max_size=6))
def test_whatever_the_names_only_what_was_read_whole_is_sound(files: dict[str, bytes]) -> None:
    clean = {name: body for name, body in files.items() if name.isprintable()}
    found, digests = inspect_folder(File(name, len(body), [body]) for name, body in clean.items())
    assert not found.is_sound or set(digests) == set(clean)


def test_a_folder_changes_with_every_version_of_every_file() -> None:
    before = [ObjectRef("b", "m/a", "1"), ObjectRef("b", "m/b", "1")]
    assert folder_version(before) == folder_version(before[::-1])
    assert folder_version(before) != folder_version([before[0], ObjectRef("b", "m/b", "2")])
    assert folder_version(before) != folder_version(before[:1])

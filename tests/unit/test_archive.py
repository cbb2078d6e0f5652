"""An artifact is judged in one pass: sound ones get their digest, all others a reason, and nothing costs much."""

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.intake.archive import Inspection, Limits, inspect
from slipway.intake.tar_names import clean
from tests.properties import times
from tests.unit.hostile_archives import GOOD, HOSTILE, PLAIN, archive, header, member, packed, pax, tar, zeros


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def codes(data: bytes, limits: Limits | None = None) -> list[str]:
    return [finding.code for finding in inspect(chunked(data, 1 << 20), limits).findings]


def test_a_sound_artifact_gets_its_digest_and_a_summary() -> None:
    assert inspect([GOOD]) == Inspection(
        digest=hashlib.sha256(GOOD).hexdigest(),
        size=len(GOOD),
        members=2,
        unpacked=sum(len(content) for content in PLAIN.values()),
        top=("code", "model.joblib"),
        findings=(),
        contents=inspect([GOOD]).contents,
    )
    assert inspect([GOOD]).is_sound


@pytest.mark.parametrize("size", [1, 7, 511, 512, 513])
def test_how_the_bytes_are_cut_changes_nothing(size: int) -> None:
    assert inspect(chunked(GOOD, size)) == inspect([GOOD])
    assert inspect([b"", GOOD, b""]) == inspect([GOOD])


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_usual_format_is_read(form: int) -> None:
    long = {f"variables/{'n' * 80}/{'m' * 60}.data": b"x" * 3000, "model.pt": b"", "code/é.py": b"1"}
    if form == tarfile.USTAR_FORMAT:
        long.pop("code/é.py")
    assert inspect([packed(long, form)]).is_sound


def test_times_with_fractions_do_not_hide_a_member() -> None:
    inspection = inspect([gzip.compress(tar(PLAIN, mtime=1.5))])
    assert inspection.is_sound
    assert inspection.members == 4


@pytest.mark.skipif(shutil.which("tar") is None, reason="needs the tar program")
@pytest.mark.parametrize("form", ["gnu", "pax", "ustar", "v7"])
def test_what_the_tar_program_writes_is_read(form: str, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    for name, content in PLAIN.items():
        (tmp_path / name).write_bytes(content)
    command = ["tar", f"--format={form}", "-C", str(tmp_path), "-cz", "."]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 — fixed words and our own folder
    inspection = inspect([done.stdout])
    assert (inspection.findings, inspection.top) == ((), ("code", "model.joblib"))


def test_a_member_of_more_than_eight_gigabytes_may_be_written_in_base_256() -> None:
    nine = (9 << 30).to_bytes(11, "big")
    found = inspect([archive(header(size=b"\x80" + nine), end=bytes(512))])
    assert [finding.code for finding in found.findings] == ["ARCHIVE_TRUNCATED"]
    assert found.unpacked == 9 << 30


def test_a_pax_header_may_size_and_name_the_next_member_only() -> None:
    first = pax({b"path": b"model", b"size": b"3"}) + header(b"short", 0) + b"abc" + bytes(509)
    inspection = inspect([archive(first, member(b"config.json", b"{}"))])
    assert inspection.is_sound
    assert (inspection.unpacked, inspection.top) == (5, ("config.json", "model"))


def test_a_folder_may_stand_twice_and_a_global_comment_be_there() -> None:
    folder = member(b"code/", kind=b"5")
    blocks = pax({b"comment": b"0123"}, b"g"), folder, folder, member(b"code/x.py"), member(b"model")
    assert inspect([archive(*blocks)]).is_sound


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_for_what_it_is(name: str) -> None:
    make, code = HOSTILE[name]
    inspection = inspect(chunked(make(), 1 << 16))
    assert code in [finding.code for finding in inspection.findings]
    assert inspection.findings[0].code == code
    assert not inspection.is_sound
    assert all(finding.message and finding.next_step for finding in inspection.findings)


def test_only_an_archive_that_was_read_to_its_end_has_a_digest() -> None:
    linked = archive(member(b"model"), member(b"l", kind=b"2"))
    assert inspect([linked]).digest == hashlib.sha256(linked).hexdigest()
    assert not inspect([linked]).is_sound
    assert inspect([GOOD + b"x"]).digest == ""


def test_every_hostile_member_is_named() -> None:
    inspection = inspect([archive(member(b"../a"), member(b"model"), member(b"l", kind=b"2"))])
    assert [(finding.code, finding.where) for finding in inspection.findings] == [
        ("ARCHIVE_MEMBER_NAME", "../a"),
        ("ARCHIVE_SPECIAL_FILE", "l"),
    ]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04" + bytes(600), "zip"),
        (tar(PLAIN), "tar archive that is not packed"),
        (b"hello", "text"),
    ],
)
def test_what_is_not_gzip_is_named_and_answered_with_the_command(data: bytes, word: str) -> None:
    (finding,) = inspect([data]).findings
    assert word in finding.message
    assert "tar -C" in finding.next_step


def test_limits_are_the_caller_s() -> None:
    assert codes(GOOD, Limits(packed_bytes=len(GOOD))) == []
    assert codes(GOOD, Limits(packed_bytes=len(GOOD) - 1)) == ["ARCHIVE_TOO_LARGE"]
    assert codes(GOOD, Limits(unpacked_bytes=10)) == ["ARCHIVE_TOO_LARGE"]
    assert codes(GOOD, Limits(members=1)) == ["ARCHIVE_TOO_MANY_MEMBERS"]


def test_a_bomb_costs_neither_time_nor_memory() -> None:
    bomb = zeros(header(b"model", 2 << 30), 400)
    tracemalloc.start()
    began = time.process_time()
    found = codes(bomb)
    spent, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ["ARCHIVE_BOMB"]
    assert spent < 2
    assert peak < 8 << 20


def test_memory_does_not_grow_with_the_number_of_members() -> None:
    many = archive(*[member(b"d%d/%s" % (n, b"n" * 90), b"x") for n in range(2_450)], member(b"model"))
    tracemalloc.start()
    inspection = inspect(chunked(many, 1 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert inspection.is_sound
    assert peak < 8 << 20


def test_a_checksum_that_is_off_by_what_a_quick_sum_could_not_see_is_refused() -> None:
    block = header()
    wrong = b"%06o\0 " % (sum(block[:148]) + 8 * 32 + sum(block[156:]) + 65521)
    assert codes(archive(block[:148] + wrong + block[156:])) == ["ARCHIVE_NOT_TAR"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((b"a/x", b"b", b"a/y"), []),
        ((b"a/x", b"a", b"a/y"), ["ARCHIVE_MEMBER_TWICE"]),
        ((b"a", b"a/x"), ["ARCHIVE_MEMBER_TWICE"]),
        ((b"A/x", b"a/y"), ["ARCHIVE_MEMBER_TWICE"]),
        ((b"a/b/x", b"a/b", b"c"), ["ARCHIVE_MEMBER_TWICE"]),
        ((b".a/x", b"._b", b"-"), []),
    ],
)
def test_names_are_held_to_each_other_whatever_came_between(names: tuple[bytes, ...], found: list[str]) -> None:
    blocks = [member(name, b"x") for name in names]
    assert codes(archive(*blocks, member(b"model", b"x"))) == found


@times(2)
@given(st.text(st.sampled_from("aZ0_-./"), min_size=1, max_size=14))
def test_a_plain_name_is_cleaned_as_any_other(name: str) -> None:
    cleaned, fault = clean(name.encode())
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if fault:
        assert name.startswith("/") or ".." in parts
    else:
        assert cleaned == "/".join(parts)


@times(2)
@given(st.binary(max_size=2000))
def test_no_bytes_whatever_make_the_judge_raise(data: bytes) -> None:
    assert not inspect([data]).is_sound


@times(3)
@given(st.data())
def test_no_damage_to_a_tar_stream_makes_the_judge_raise(data: st.DataObject) -> None:
    stream = bytearray(tar({**PLAIN, "n" * 150: b"x"}) if data.draw(st.booleans()) else header() + pax({b"path": b"a"}))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(stream) - 1))
        stream[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(stream)))
    if data.draw(st.booleans()):
        stream[148:156] = b" " * 8
        stream[148:156] = b"%06o\0 " % sum(stream[:512])
    inspection = inspect([archive(bytes(stream[:cut]))])
    assert inspection.is_sound or inspection.findings


NAMES = st.text(st.sampled_from("aA./\\é\0\n:"), min_size=1, max_size=12)


@times(3)
@given(st.lists(NAMES, min_size=1, max_size=6))
def test_what_is_sound_unpacks_to_exactly_these_files_within_the_folder(names: list[str]) -> None:
    blocks = [pax({b"path": name.encode()}) + member(content=b"x") for name in names]
    data = archive(*blocks)
    if not inspect([data]).is_sound:
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        unpacked = {Path("/opt/ml/model", info.name) for info in opened if info.isfile()}
    assert len(unpacked) == len(names)
    assert all(".." not in path.parts and path.is_relative_to("/opt/ml/model") for path in unpacked)

"""Hostile and damaged archives are refused before anything of them is written outside their folder."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from drydock.sagemaker.serving.archive import Limits, UnsafeArchiveError, remove_tree, unpack


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def archive(folder: Path, *members: tuple[tarfile.TarInfo, bytes], trailer: bytes = b"") -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    path = folder / "model.tar.gz"
    path.write_bytes(gzip.compress(packed.getvalue() + trailer))
    return path


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_files_and_directories_are_unpacked_read_only(tmp_path: Path) -> None:
    made = archive(
        tmp_path,
        (member("./", tarfile.DIRTYPE), b""),
        (member("./code", tarfile.DIRTYPE), b""),
        (member("./code/inference.py"), b"x = 1"),
        (member("model.joblib"), b"\x00" * 3_000_000),
    )
    unpack(made, tmp_path / "model")
    assert (tmp_path / "model/code/inference.py").read_bytes() == b"x = 1"
    assert (tmp_path / "model/model.joblib").stat().st_size == 3_000_000
    assert (tmp_path / "model/model.joblib").stat().st_mode & 0o777 == 0o444
    assert (tmp_path / "model/code").stat().st_mode & 0o777 == 0o555
    remove_tree(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (member("/etc/evil"), "leads out"),
        (member("../evil"), "leads out"),
        (member("code/../../evil"), "leads out"),
        (member("code\\..\\evil"), "leads out"),
        (member("link", tarfile.SYMTYPE, "/etc/passwd"), "neither a regular file nor a directory"),
        (member("link", tarfile.LNKTYPE, "good"), "neither a regular file nor a directory"),
        (member("pipe", tarfile.FIFOTYPE), "neither a regular file nor a directory"),
        (member("disk", tarfile.BLKTYPE), "neither a regular file nor a directory"),
        (member("tty", tarfile.CHRTYPE), "neither a regular file nor a directory"),
        (member("good"), "there twice"),
        (member("./good"), "there twice"),
        (member("good", tarfile.DIRTYPE), "makes a directory of a file"),
        (member("good/below"), "makes a directory of a file"),
        (member("x" * 256), "too long"),
    ],
)
def test_a_member_that_no_model_needs_refuses_the_whole_archive(
    tmp_path: Path, info: tarfile.TarInfo, reason: str
) -> None:
    inner = tmp_path / "deep" / "inner"
    inner.mkdir(parents=True)
    made = archive(inner, (member("good"), b"fine"), (info, b""))
    with pytest.raises(UnsafeArchiveError, match=reason):
        unpack(made, inner / "model")
    assert files(tmp_path) == {"deep/inner/model.tar.gz"}
    assert not (inner / "model").exists()


def test_a_file_below_a_link_is_refused_with_the_link(tmp_path: Path) -> None:
    target = tmp_path / "outside"
    target.mkdir()
    made = archive(tmp_path, (member("door", tarfile.SYMTYPE, str(target)), b""), (member("door/evil"), b"x"))
    with pytest.raises(UnsafeArchiveError):
        unpack(made, tmp_path / "model")
    assert files(tmp_path) == {"model.tar.gz"}


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    made = archive(tmp_path, *((member(f"f{number}"), b"") for number in range(6)))
    with pytest.raises(UnsafeArchiveError, match="more than 5 members"):
        unpack(made, tmp_path / "model", Limits(members=5))


def test_a_bomb_is_refused_by_what_it_would_unpack_to(tmp_path: Path) -> None:
    made = archive(tmp_path, (member("a"), bytes(600_000)), (member("b"), bytes(600_000)))
    assert made.stat().st_size < 10_000
    with pytest.raises(UnsafeArchiveError, match="more than 1000000 bytes"):
        unpack(made, tmp_path / "model", Limits(bytes=1_000_000))
    assert files(tmp_path) == {"model.tar.gz"}


def test_a_header_that_claims_gigabytes_is_not_read_into_memory(tmp_path: Path) -> None:
    header = member("huge", tarfile.XHDTYPE)
    header.size = 1 << 32
    path = tmp_path / "model.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf() + bytes(8 << 20)))
    with pytest.raises(UnsafeArchiveError, match="headers are larger"):
        unpack(path, tmp_path / "model")


def test_a_sparse_file_is_refused_because_its_size_is_not_in_the_archive(tmp_path: Path) -> None:
    sparse = member("sparse", tarfile.GNUTYPE_SPARSE)
    path = tmp_path / "model.tar.gz"
    path.write_bytes(gzip.compress(sparse.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))
    with pytest.raises(UnsafeArchiveError):
        unpack(path, tmp_path / "model")


@pytest.mark.parametrize(
    "content",
    [b"", b"just text", b"PK\x03\x04 a zip", gzip.compress(b"no tar in here" * 99, mtime=0)],
    ids=["empty", "text", "zip", "gzip without tar"],
)
def test_what_is_no_tar_gz_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(content)
    with pytest.raises(UnsafeArchiveError):
        unpack(path, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    made = archive(tmp_path, (member("a"), bytes(range(256)) * 400))
    made.write_bytes(made.read_bytes()[:-12])
    with pytest.raises(UnsafeArchiveError):
        unpack(made, tmp_path / "model")


def test_a_flipped_bit_is_found_by_the_checksum(tmp_path: Path) -> None:
    made = archive(tmp_path, (member("a"), b"content"))
    content = bytearray(made.read_bytes())
    content[-6] ^= 1
    made.write_bytes(content)
    with pytest.raises(UnsafeArchiveError):
        unpack(made, tmp_path / "model")


def test_a_damaged_header_in_the_middle_is_not_taken_for_the_end(tmp_path: Path) -> None:
    made = archive(tmp_path, (member("a"), b"1"), (member("b"), b"2"))
    tar = bytearray(gzip.decompress(made.read_bytes()))
    tar[1024] ^= 0xFF
    made.write_bytes(gzip.compress(bytes(tar)))
    with pytest.raises(UnsafeArchiveError, match="damaged"):
        unpack(made, tmp_path / "model")


def test_data_after_the_end_is_refused(tmp_path: Path) -> None:
    made = archive(tmp_path, (member("a"), b"1"), trailer=b"and more")
    with pytest.raises(UnsafeArchiveError, match="after its end"):
        unpack(made, tmp_path / "model")

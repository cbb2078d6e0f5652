"""`slipway sign` writes a signature that Slipway takes, and `slipway release` uploads it first."""

from pathlib import Path

import pytest

from slipway.intake.signature import Signature, read_signature
from tests.unit.cli_kit import FakeDesk, data, run

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(b"some bytes")
    return path


def test_a_model_is_signed_into_a_file_beside_it(model: Path) -> None:
    result = run(FakeDesk(), "sign", str(model), "--key", KEY, "--json")
    assert result.exit_code == 0
    written = Path(data(result)["signature"])
    assert written == model.with_name("model.tar.gz.sig")
    assert isinstance(read_signature(written.read_bytes(), (KEY,), "w"), Signature)


def test_a_signature_is_uploaded_before_its_model(model: Path) -> None:
    desk = FakeDesk()
    run(desk, "sign", str(model), "--key", KEY)
    assert run(desk, "release", str(model), "-e", "churn", "--version", "1", "--no-follow").exit_code == 0
    folder = "models/churn/1"
    keys = [upload[1] if isinstance(upload, tuple) else upload for upload in desk.bucket.uploads]
    assert keys == [f"{folder}/model.tar.gz.sig", f"{folder}/model.tar.gz"]


@pytest.mark.parametrize("words", [("nowhere.tar.gz", "--key", KEY), ("MODEL", "--key", KEY, "--algorithm", "MD5")])
def test_what_cannot_be_signed_is_a_matter_of_usage(model: Path, words: tuple[str, ...]) -> None:
    assert run(FakeDesk(), "sign", *(str(model) if word == "MODEL" else word for word in words)).exit_code == 2

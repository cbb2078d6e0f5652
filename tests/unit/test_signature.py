"""A signature file is what `aws kms sign` prints, or it is told what is wrong with it."""

import json
from typing import Any

import pytest

from slipway.intake.signature import Signature, read_signature
from slipway.release.verdicts import Finding

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = KEY.replace("1234abcd", "9999abcd")
GOOD = {"KeyId": KEY, "Signature": "MEUCIQ==", "SigningAlgorithm": "ECDSA_SHA_256"}


def code(said: Any) -> str:
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    read = read_signature(text, (KEY,), "s3://b/k")
    assert isinstance(read, Finding)
    assert read.where == "s3://b/k"
    return read.code


def test_what_kms_prints_is_a_signature() -> None:
    assert read_signature(json.dumps(GOOD).encode(), (OTHER, KEY), "w") == Signature(KEY, "ECDSA_SHA_256", b"0E\x02!")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x30\x45\x02\x21\x00\xff",
        b"[" * 5000,
        b"[]",
        {},
        {**GOOD, "Signature": "no base64"},
        {**GOOD, "Signature": ""},
        {**GOOD, "Signature": 3},
        {**GOOD, "KeyId": "alias/x"},
        {**GOOD, "KeyId": [KEY]},
        {**GOOD, "padding": "x" * 9000},
    ],
    ids=["empty", "raw", "deep", "list", "nothing", "text", "blank", "number", "alias", "list of keys", "large"],
)
def test_anything_else_is_unreadable(said: Any) -> None:
    assert code(said) == "SIGNATURE_UNREADABLE"


def test_another_algorithm_and_another_key_are_told_apart() -> None:
    assert code({**GOOD, "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_512"}) == "SIGNATURE_ALGORITHM"
    assert code({**GOOD, "KeyId": OTHER}) == "SIGNATURE_OTHER_KEY"

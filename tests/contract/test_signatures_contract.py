"""Signatures: what the fake and KMS (by MiniStack, with real keys) both keep to; and the commands of the page."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from slipway.administration import Signatures
from slipway.aws.signatures import KmsSignatures
from slipway.intake.signature import Signature, read_signature
from tests.fakes.signatures import FakeSignatures

DIGEST, ANOTHER = hashlib.sha256(b"a model").digest(), hashlib.sha256(b"another").digest()
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
PAGE = Path(__file__).parents[2] / "docs" / "policy.md"

AWS = """\
import argparse, json, pathlib, sys, base64, boto3
asked = argparse.ArgumentParser()
for name in ("key-id", "message", "message-type", "signing-algorithm", "output"):
    asked.add_argument(f"--{name}", required=True)
said = asked.parse_args(sys.argv[3:])
assert sys.argv[1:3] == ["kms", "sign"] and said.output == "json" and said.message.startswith("fileb://")
answer = boto3.client("kms").sign(
    KeyId=said.key_id, Message=pathlib.Path(said.message.removeprefix("fileb://")).read_bytes(),
    MessageType=said.message_type, SigningAlgorithm=said.signing_algorithm)
print(json.dumps({"KeyId": answer["KeyId"], "Signature": base64.b64encode(answer["Signature"]).decode(),
                  "SigningAlgorithm": answer["SigningAlgorithm"]}))
"""
"""What AWS's command does with these options: it sends the file's bytes and prints the answer with base64 in it."""


@dataclass
class Side:
    """One of the two, with what a test does to it."""

    port: Signatures
    make_key: Callable[[str], str]
    sign: Callable[[str, str, bytes], bytes]
    disable: Callable[[str], object]


def fake_side() -> Side:
    fake = FakeSignatures()

    def make_key(kind: str) -> str:
        key = f"key-{len(fake.keys)}"
        fake.keys[key] = "enabled"
        return key

    return Side(fake, make_key, fake.sign, lambda key: fake.keys.update({key: "DisabledException"}))


def kms_side(kms: Any) -> Side:
    def make_key(kind: str) -> str:
        return str(kms.create_key(KeySpec=kind, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])

    def sign(key: str, algorithm: str, digest: bytes) -> bytes:
        said = kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)
        return bytes(said["Signature"])

    return Side(KmsSignatures(kms), make_key, sign, lambda key: kms.disable_key(KeyId=key))


@pytest.fixture(params=["fake", "aws"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    if request.param == "fake":
        yield fake_side()
    else:
        url = request.getfixturevalue("drydock_endpoint_url")
        yield kms_side(boto3.client("kms", endpoint_url=url, **KEYS))


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("ECC_NIST_P256", "ECDSA_SHA_256"), ("RSA_2048", "RSASSA_PSS_SHA_256")]
)
def test_a_signature_is_genuine_over_its_digest_by_its_key_only(side: Side, kind: str, algorithm: str) -> None:
    key, other = side.make_key(kind), side.make_key(kind)
    signature = side.sign(key, algorithm, DIGEST)
    assert side.port.verify(key, algorithm, DIGEST, signature).genuine
    for forged in (
        side.port.verify(key, algorithm, ANOTHER, signature),
        side.port.verify(other, algorithm, DIGEST, signature),
        side.port.verify(key, algorithm, DIGEST, b"rubbish"),
    ):
        assert not forged.genuine
        assert not forged.trouble


def test_a_key_that_is_disabled_or_not_there_is_told_by_its_trouble(side: Side) -> None:
    key = side.make_key("ECC_NIST_P256")
    signature = side.sign(key, "ECDSA_SHA_256", DIGEST)
    side.disable(key)
    assert side.port.verify(key, "ECDSA_SHA_256", DIGEST, signature).trouble == "DisabledException"
    nowhere = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000"
    assert side.port.verify(nowhere, "ECDSA_SHA_256", DIGEST, signature).trouble == "NotFoundException"


def test_the_commands_of_the_page_sign_as_slipway_verifies(drydock_endpoint_url: str, tmp_path: Path) -> None:
    kms = boto3.client("kms", endpoint_url=drydock_endpoint_url, **KEYS)
    side = kms_side(kms)
    key = side.make_key("ECC_NIST_P256")
    kms.create_alias(AliasName="alias/model-signing", TargetKeyId=key)
    (block,) = re.findall(r"```bash\n(openssl .*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "model.tar.gz").write_bytes(b"a model")
    (tmp_path / "aws.py").write_text(AWS)
    (tmp_path / "aws").write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path}/aws.py "$@"\n')
    (tmp_path / "aws").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "AWS_ENDPOINT_URL": drydock_endpoint_url}
    subprocess.run(["/bin/sh", "-ec", block], cwd=tmp_path, env=environment, check=True)  # noqa: S603 — our own page
    signature = read_signature((tmp_path / "model.tar.gz.sig").read_bytes(), (key,), "here")
    assert isinstance(signature, Signature)
    assert side.port.verify(signature.key, signature.algorithm, DIGEST, signature.value).genuine

"""A detached signature: what `aws kms sign` printed, kept beside the artifact as `model.tar.gz.sig`."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from slipway.intake.names import readable
from slipway.intake.spec_text import parse
from slipway.release.verdicts import Finding

SUFFIX = ".sig"
SIZE_LIMIT = 8 * 1024
"""Bytes of a signature file; one of an RSA key of 4096 bits takes less than 1 KB."""

ALGORITHMS = ("ECDSA_SHA_256", "RSASSA_PSS_SHA_256")
"""Those over a SHA-256 digest: what is signed is the digest of the whole file (API_Sign, MessageType DIGEST)."""

_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Signature:
    """Who signed, how, and the signature itself."""

    key: str
    """ARN of the KMS key."""
    algorithm: str
    value: bytes


def read_signature(text: bytes, keys: Sequence[str], where: str) -> Signature | Finding:
    """Read a signature file.

    Args:
        text: its bytes.
        keys: ARNs of the keys that count.
        where: its S3 URI.

    Returns:
        The signature, not yet verified, or why it cannot be one of these keys.
    """
    said = parse(text, "signature.json", what="signature")
    values = {} if isinstance(said, Finding) else said.values
    key, algorithm, value = (values.get(name) for name in ("KeyId", "SigningAlgorithm", "Signature"))
    decoded = _decoded(value)
    if not isinstance(key, str) or not _KEY.fullmatch(key) or decoded is None or len(text) > SIZE_LIMIT:
        what = "This is not what `aws kms sign` prints: JSON with KeyId, Signature and SigningAlgorithm."
        return Finding("SIGNATURE_UNREADABLE", what, "Sign the artifact again: `slipway sign` writes the file.", where)
    if algorithm not in ALGORITHMS:
        what = f"{readable(str(algorithm), 60)} does not sign a SHA-256 digest as it is wanted here."
        return Finding("SIGNATURE_ALGORITHM", what, f"Sign with {' or '.join(ALGORITHMS)}.", where)
    if key not in keys:
        what = f"It was made with the key {readable(key, 120)}, which does not count here."
        step = "Sign with a key that the stack's parameter SigningKeys names."
        return Finding("SIGNATURE_OTHER_KEY", what, step, where)
    return Signature(key, algorithm, decoded)


def _decoded(value: object) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) and value else None
    except binascii.Error:
        return None

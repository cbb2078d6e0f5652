"""KMS as the one that verifies signatures; the private key never leaves it."""

from typing import Any

from botocore.exceptions import ClientError

from slipway.aws.refusals import code_of
from slipway.exchanges import Verification

_INVALID = "KMSInvalidSignatureException"
_UNUSABLE = (
    "AccessDeniedException",
    "DisabledException",
    "InvalidKeyUsageException",
    "KMSInvalidStateException",
    "NotFoundException",
    "UnsupportedOperationException",
)
"""Codes that say something of the key, not of the signature (API_Verify)."""


class KmsSignatures:
    """Satisfies `slipway.administration.Signatures`."""

    def __init__(self, client: Any) -> None:
        self._kms = client

    def verify(self, key: str, algorithm: str, digest: bytes, signature: bytes) -> Verification:
        """Ask Verify about a digest, so that no byte of the artifact leaves its bucket."""
        try:
            said = self._kms.verify(
                KeyId=key,
                Message=digest,
                MessageType="DIGEST",
                Signature=signature,
                SigningAlgorithm=algorithm,
            )
        except ClientError as error:
            if code_of(error) == _INVALID:
                return Verification(genuine=False)
            if code_of(error) in _UNUSABLE:
                return Verification(genuine=False, trouble=code_of(error))
            raise
        return Verification(genuine=bool(said["SignatureValid"]))

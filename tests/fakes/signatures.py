"""Keys that sign, in memory: a signature is the digest of the key's secret and the message's digest."""

import hashlib

from slipway.exchanges import Verification


class FakeSignatures:
    """Knows its keys by their ARNs."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        """ARN → state: enabled, or the code with which KMS refuses it."""

    def sign(self, key: str, algorithm: str, digest: bytes) -> bytes:
        """Sign as KMS would."""
        return hashlib.sha256(f"{key} {algorithm}".encode() + digest).digest()

    def verify(self, key: str, algorithm: str, digest: bytes, signature: bytes) -> Verification:
        state = self.keys.get(key, "NotFoundException")
        if state != "enabled":
            return Verification(genuine=False, trouble=state)
        return Verification(genuine=signature == self.sign(key, algorithm, digest))

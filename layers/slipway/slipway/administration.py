"""Ports to what administrators keep: the documents that hold for an account, and the keys that sign."""

from typing import Protocol

from slipway.exchanges import Parameter, Verification


class Parameters(Protocol):
    """SSM Parameter Store: documents that hold for the whole installation."""

    def read(self, name: str) -> Parameter:
        """Read a parameter.

        Raises:
            UnreadableError: it is not there, or may not be read; the text says which.
            UnavailableError: the store gives no answer for now.
        """


class Signatures(Protocol):
    """KMS: the keys that artifacts are signed with."""

    def verify(self, key: str, algorithm: str, digest: bytes, signature: bytes) -> Verification:
        """Verify a signature over a SHA-256 digest."""

"""What may be raised. An expected failure is a verdict, never one of these.

SlipwayError
├── SettingMissingError    the function was deployed without a variable it needs
├── LedgerConflictError    somebody else wrote what this release believed to be its own
├── ReleaseNotFoundError   a step was started for a release the ledger does not know
├── UnavailableError       a service gives no answer for now; who waits looks again later
├── NotAnnouncedError      people could not be told; never changes an outcome
└── UnreadableError        a payload, item or answer that does not have the shape both sides agreed on
"""


class SlipwayError(Exception):
    """Somebody's mistake that we understand; its text begins with its name, since only the text survives a Lambda."""

    def __str__(self) -> str:
        return f"{type(self).__name__}: {super().__str__()}"


class SettingMissingError(SlipwayError):
    """An environment variable that the function needs is not there."""


class LedgerConflictError(SlipwayError):
    """A conditional write that can only fail when another writer broke the rule of one writer per item."""


class ReleaseNotFoundError(SlipwayError):
    """The ledger holds no release of this id."""


class UnavailableError(SlipwayError):
    """A service that throttles, fails or cannot be reached after every retry: nothing is known, which is not a no."""


class NotAnnouncedError(SlipwayError):
    """An announcement did not reach everybody."""


class UnreadableError(SlipwayError):
    """Data that crossed a border is not of the agreed shape."""

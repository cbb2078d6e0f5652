"""What a human says to a release that waits for it, and whether it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slipway.release.phases import Phase

if TYPE_CHECKING:  # what a release is is known by every function, what a spec may say by few
    from slipway.release.approval_spec import Approval
    from slipway.release.spec import ReleaseSpec

GATES = (Phase.WAIT_FOR_APPROVAL, Phase.WAIT_FOR_FINAL_APPROVAL)
"""Where a release may wait for a human: before its endpoint is touched, and before it is called live."""

_SESSION = ":assumed-role/"


@dataclass(frozen=True)
class Decision:
    """One answer of a human; the first one that counts stands."""

    gate: Phase
    approves: bool
    by: str
    """Who says to have answered; the event's sender writes it, so it is worth what the right to send is worth."""
    reason: str = ""
    account: str = ""
    """Account that sent the event: EventBridge writes it, the sender cannot."""
    event: str = ""
    at: str = ""

    def __str__(self) -> str:
        word = "approved" if self.approves else "refused"
        account = f" (account {self.account})" if self.account else ""
        return f"{word} by {self.by}{account}" + (f": {self.reason}" if self.reason else "")


def may_wait(spec: ReleaseSpec) -> bool:
    """Whether a release of this spec may come to wait for a human."""
    return spec.approval.before != "never" or spec.watch.no_data == "hold"


def is_known(who: str) -> bool:
    """Whether this names somebody: S3 tells only the account of who dropped an object, other ways in tell nobody."""
    return bool(who) and not who.isdigit() and " " not in who


def is_another(one: str, other: str) -> bool:
    """Whether two names are those of two people, as far as names can tell.

    A session of one name under two roles is one person: single sign-on calls sessions like their users.
    """
    return is_known(one) and is_known(other) and _person(one) != _person(other)


def why_not(asked: Approval, requested_by: str, by: str) -> str:
    """Say why somebody's approval does not count, empty if it does; anybody may refuse.

    Args:
        asked: what the spec asks of an approval.
        requested_by: who asked for the release.
        by: who approves.
    """
    if not is_known(by):
        return "an approval must say who gives it"
    if asked.by_another and not is_another(requested_by, by):
        return f"{requested_by or 'nobody known'} asked for this release, and approval.by_another wants somebody else"
    return ""


def _person(who: str) -> str:
    return (who.rpartition("/")[2] if _SESSION in who else who).casefold()

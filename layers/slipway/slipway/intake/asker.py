"""Who asked for a release, where somebody else has to approve it."""

from collections.abc import Iterator

from slipway.release.approval import is_known, may_wait
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding


def asker_findings(spec: ReleaseSpec, requested_by: str) -> Iterator[Finding]:
    """Refuse a release that nobody could ever approve: of whom is not known, nobody can be told to be another.

    Args:
        spec: as the release wants it.
        requested_by: who asked, as far as the way in tells.
    """
    if may_wait(spec) and spec.approval.by_another and not is_known(requested_by):
        told = f"only the account {requested_by}" if requested_by.isdigit() else requested_by or "nobody"
        what = f"Somebody else must approve than who asked, but who asked is not known: the way in names {told}."
        step = "Use `slipway release`, or an event with requested_by; else leave approval.by_another out."
        yield Finding("APPROVAL_ASKER_UNKNOWN", what, step, "approval.by_another")

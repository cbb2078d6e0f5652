"""Who may release to which endpoints, as far as an event proves who wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from slipway.intake.names import shorten
from slipway.intake.policy import is_among
from slipway.intake.policy_document import Writer
from slipway.release.verdicts import Finding


@dataclass(frozen=True)
class Who:
    """The writer of a drop or a request; empty where the event does not say."""

    account: str = ""
    """Account or AWS service: S3 and EventBridge write it into the event, not the writer."""
    by: str = ""
    """What a request says of itself."""

    def __str__(self) -> str:
        account = shorten(self.account, 80) if self.account else "an account that the event does not name"
        return f"{account} (by {shorten(self.by, 80)})" if self.by else account


def who_wrote(event: Any) -> Who:
    """Read who wrote from an EventBridge event: an upload names its `requester`, any other event its account."""
    if not isinstance(event, Mapping):
        return Who()
    detail = event.get("detail")
    said: Mapping[str, Any] = detail if isinstance(detail, Mapping) else {}
    if event.get("source") == "aws.s3":
        return Who(_text(said.get("requester")))
    return Who(_text(event.get("account")), _text(said.get("requested_by")))


def writer_findings(writers: Sequence[Writer], who: Who, endpoint: str, rule: str) -> list[Finding]:
    """Refuse a writer whom no entry allows this endpoint.

    Args:
        writers: the entries; none: everybody is allowed everything.
        who: the writer.
        endpoint: where the release would go.
        rule: the document that holds the entries.
    """
    if not writers:
        return []
    known = [each for each in writers if fnmatchcase(who.account, each.account) and fnmatchcase(who.by, each.by)]
    if any(is_among(endpoint, each.endpoints) for each in known):
        return []
    allowed = ", ".join(pattern for each in known for pattern in each.endpoints)[:300] or "none"
    what = f"{who} may not release to {shorten(endpoint, 80)}; allowed are: {allowed}."
    step = f"Use another name, or have the rule changed: it is `writers` of {rule}."
    return [Finding("POLICY_WRITER", what, step, "endpoint")]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

"""What a person or a program asks for by event, and what makes that a request to be rejected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slipway.intake.event_values import line, shown, text, time
from slipway.intake.names import endpoint_findings
from slipway.release.verdicts import Finding

SOURCE = "slipway.releases"
DETAIL_TYPE = "Release Requested"
APPROVAL = "Release Approval"
"""A detail type of its own, so that IAM can tell who may approve from who may ask (condition events:detail-type)."""

_WHO_LIMIT = 200
_REASON_LIMIT = 500
_RELEASE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class RequestKind(StrEnum):
    """What an event may ask for; all but an approval come as the kind of a `Release Requested`."""

    RELEASE = "release"
    ROLLBACK = "rollback"
    RECOVER = "recover"
    ABORT = "abort"
    APPROVE = "approve"


@dataclass(frozen=True)
class Requested:
    """A person or a program asks by event."""

    kind: RequestKind
    endpoint: str = ""
    """Endpoint to release to, to roll back, or whose release shall stop; the other kinds need none."""
    spec: dict[str, Any] | None = None
    """Release only: the spec as data, not yet checked."""
    to: str = ""
    """Rollback only: the release to go back to; empty for the one before."""
    release: str = ""
    """The release whose execution died, that shall stop, or that waits for approval."""
    approves: bool | None = None
    """Approval only: yes, no, or nothing that could be read."""
    reason: str = ""
    """Approval only: why, for the record."""
    requested_by: str = ""
    at: str = ""
    """The event's time (ISO 8601, UTC), empty if it carries none."""


def requested(event: Mapping[str, Any], detail: Mapping[str, Any]) -> Requested | str:
    """Read a request; gives why it is none where its kind is not known."""
    kind, known = detail.get("kind"), [kind.value for kind in RequestKind if kind is not RequestKind.APPROVE]
    if event.get("detail-type") == APPROVAL:
        kind, known = RequestKind.APPROVE.value, [RequestKind.APPROVE.value]
    if kind not in known:
        return f"a request of the kind {shown(kind)} is not known; there are {', '.join(known)}"
    wanted = dict(detail["spec"]) if isinstance(detail.get("spec"), Mapping) else None
    approves = detail.get("approve")
    return Requested(
        RequestKind(kind),
        endpoint=text(detail.get("endpoint")) or text((wanted or {}).get("endpoint")),
        spec=wanted,
        to=text(detail.get("to")),
        release=text(detail.get("release")),
        approves=approves if isinstance(approves, bool) else None,
        reason=line(detail.get("reason"), _REASON_LIMIT),
        requested_by=line(detail.get("requested_by"), _WHO_LIMIT),
        at=time(event.get("time")),
    )


def request_findings(asked: Requested) -> list[Finding]:
    """Tell everything that is wrong with a request."""
    if asked.kind in (RequestKind.RECOVER, RequestKind.APPROVE):
        return _about_a_release(asked)
    if asked.kind is RequestKind.ABORT and asked.release:
        return []
    found = list(endpoint_findings(asked.endpoint, "detail.endpoint"))
    if asked.kind is RequestKind.RELEASE and asked.spec is None:
        found.append(_wrong("detail.spec", "carries no spec", "Put what release.yaml would say into detail.spec."))
    if asked.to and not _RELEASE_ID.fullmatch(asked.to):
        found.append(_wrong("detail.to", "does not name a release", "Give an id from `slipway history`, or nothing."))
    return found


def _about_a_release(asked: Requested) -> list[Finding]:
    found: list[Finding] = []
    if not _RELEASE_ID.fullmatch(asked.release):
        found.append(_wrong("detail.release", "does not name the release", "Give the release's id."))
    if asked.kind is RequestKind.APPROVE and asked.approves is None:
        found.append(_wrong("detail.approve", "says neither yes nor no", "Set it to true or false."))
    return found


def _wrong(where: str, what: str, next_step: str) -> Finding:
    return Finding("REQUEST_INCOMPLETE", f"The request {what}.", next_step, where)

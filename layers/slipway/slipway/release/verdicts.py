"""What a step answers: a small value, routed by a Choice of the machine, kept in the ledger, told to people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

SCHEMA = 1

MOST_FINDINGS, MOST_BYTES = 100, 64 * 1024
"""Findings of one phase that the ledger keeps; an item of DynamoDB has 400 KB at most."""


class Outcome(StrEnum):
    """How a release ends: exactly one of these, always with a reason."""

    LIVE = "LIVE"
    UNCHANGED = "UNCHANGED"
    SUPERSEDED = "SUPERSEDED"
    REJECTED = "REJECTED"
    ROLLED_BACK = "ROLLED_BACK"
    NEEDS_HUMAN = "NEEDS_HUMAN"

    @property
    def is_success(self) -> bool:
        """Whether the execution ends Succeeded."""
        return self in (Outcome.LIVE, Outcome.UNCHANGED, Outcome.SUPERSEDED)


class Answer(StrEnum):
    """Every word by which a Choice of the machine routes. The machine's tests hold both sides to this list."""

    # Read the Release
    ACCEPTED = "accepted"
    NOTHING = "nothing"
    ROLLBACK = "rollback"
    RECOVER = "recover"
    # any step before the endpoint is touched
    REFUSED = "refused"
    # Verify the Artifact
    SOUND = "sound"
    # Wait for a Turn
    OURS = "ours"
    SUPERSEDED = "superseded"
    UNCHANGED = "unchanged"
    # Create the Model, Create the Config
    CREATED = "created"
    # Verify the Config
    ACCEPTABLE = "acceptable"
    NEEDS_APPROVAL = "needs_approval"
    # Wait for Approval, Wait for Final Approval
    APPROVED = "approved"
    # Verify the Config, Roll Back the Release
    BUSY = "busy"
    # Create the Endpoint, Roll Back the Release
    STARTED = "started"
    REMOVING = "removing"
    # Wait for InService, Wait for the Rollback
    IN_SERVICE = "in_service"
    BAKING = "baking"
    ROLLED_BACK = "rolled_back"
    GONE = "gone"
    FAILED = "failed"
    FOREIGN = "foreign"
    STUCK = "stuck"
    # any waiting step, signalled from outside: look again
    LOOK = "look"
    # Run Smoke Invocations (or rolled_back)
    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    # Watch the Alarms
    QUIET = "quiet"
    RINGING = "ringing"
    NO_DATA = "no_data"
    # Veto the Deployment
    VETOED = "vetoed"
    # Promote the Release
    LIVE = "live"
    NOT_LIVE = "not_live"
    # Roll Back the Release
    IN_DEPLOYMENT = "in_deployment"
    NOTHING_TO_UNDO = "nothing_to_undo"
    FORWARD_ONLY = "forward_only"
    IMPOSSIBLE = "impossible"
    # Close the Release
    CLOSED = "closed"


@dataclass(frozen=True)
class Finding:
    """One reason in a verdict: what is wrong, where, and what to do about it."""

    code: str
    """Upper snake case, stable: a person may search for it, a program may branch on it."""
    message: str
    """One sentence: what is wrong and why it matters."""
    next_step: str
    """One sentence or command: what to do."""
    where: str = ""
    """The place: a path in the spec (`smoke[0].expect.status`), a member of the archive, an alarm's name."""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message} {self.next_step}"


@dataclass(frozen=True)
class Verdict:
    """A step's answer with its reason; `facts` go to the ledger, `route` to the machine (few and small)."""

    answer: Answer
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    route: dict[str, Any] = field(default_factory=dict)

    def as_output(self) -> dict[str, Any]:
        """Give the payload that the machine sees: the answer, its reason and what the next Choices need."""
        return {"schema": SCHEMA, "answer": self.answer.value, "reason": self.reason[:1000], **self.route}


def refused(*findings: Finding, **facts: Any) -> Verdict:
    """Refuse with every finding at once.

    The reason names the first and counts the rest.
    """
    first, *rest = findings
    more = f" (and {len(rest)} more)" if rest else ""
    return Verdict(Answer.REFUSED, f"{first}{more}", tuple(findings), facts)


def placed(finding: Finding, section: str) -> Finding:
    """Say of a finding in `serve` in which section of the spec it is, such as `variants[1].serve`; any other stays."""
    if finding.where != "serve" and not finding.where.startswith("serve."):
        return finding
    return replace(finding, where=section + finding.where.removeprefix("serve"))


def told(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give as many findings as one item of the ledger keeps beside everything else, and say how many there are besides.

    Each may quote a hostile upload: an archive of 60 KB can earn twenty thousand of them.
    """
    kept, size = list[Finding](), 0
    for finding in findings[:MOST_FINDINGS]:
        size += len(repr(finding).encode())
        if kept and size > MOST_BYTES:
            break
        kept.append(finding)
    left = len(findings) - len(kept)
    if left:
        kept.append(Finding("MORE_FINDINGS", f"{left} more were found.", "Mend these first, then see what is left."))
    return tuple(kept)


def finding_from(item: dict[str, Any]) -> Finding:
    """Read a finding back from its ledger form."""
    return Finding(**item)


def finding_item(finding: Finding) -> dict[str, Any]:
    """Give a finding its ledger form."""
    return asdict(finding)

"""Approve or refuse a release that waits for it: the decision is written down once, and the release looks at it."""

from slipway.errors import ReleaseNotFoundError
from slipway.intake.requests import Requested, request_findings
from slipway.intake.writers import who_wrote
from slipway.release.approval import Decision, why_not
from slipway.release.release import waits_at
from slipway.steps.aborting import SOMEBODY
from slipway.steps.wait_for_turn import wake
from slipway.steps.work import Work


def approve(work: Work, asked: Requested) -> str:
    """Write down what somebody decided; returns what was done, or why it does not count."""
    wrong = request_findings(asked)
    if wrong:
        return str(wrong[0])
    ledger = work.tools.ledger
    try:
        release = ledger.release(asked.release)
    except ReleaseNotFoundError as error:
        return str(error)
    gate = waits_at(release)
    if gate is None:
        return f"release {release.id} does not wait for approval"
    doubt = why_not(release.wanted.approval, release.requested_by, asked.requested_by) if asked.approves else ""
    if doubt:
        return f"release {release.id} is not approved: {doubt}"
    event = str((work.request.event or {}).get("id", work.request.execution))
    who = asked.requested_by or SOMEBODY
    decision = Decision(gate, bool(asked.approves), who, asked.reason, who_wrote(work.request.event).account, event)
    if not ledger.decide(release.id, decision):
        return f"release {release.id} was decided on before: it was {ledger.release(release.id).decisions[gate]}"
    looking = wake(work.tools.executions, ledger, release.id)
    return f"release {release.id} was {decision} ({looking} of its waits look now)"

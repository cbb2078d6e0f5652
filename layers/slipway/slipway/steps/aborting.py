"""Stop a release: the wish is written down and what waits of it looks at once; the release itself then goes back.

So there is one writer of the endpoint and one story in the ledger, and a release that bakes is vetoed as it would be
by its own smoke.
"""

from slipway.errors import ReleaseNotFoundError
from slipway.intake.requests import Requested, request_findings
from slipway.release.release import Kind, Release
from slipway.release.verdicts import Finding
from slipway.steps.wait_for_turn import wake
from slipway.steps.work import Work

SOMEBODY = "somebody"


def abort(work: Work, asked: Requested) -> str:
    """Do as somebody asked; returns what was done, or why there is nothing to stop."""
    wrong = request_findings(asked)
    if wrong:
        return str(wrong[0])
    ledger = work.tools.ledger
    turn = None if asked.release else ledger.turn(asked.endpoint)
    identifier = asked.release or (turn.holder if turn else "")
    if not identifier:
        return f"no release to {asked.endpoint} is under way"
    try:
        release = ledger.release(identifier)
    except ReleaseNotFoundError as error:
        return str(error)
    live = ledger.live(release.endpoint)
    if release.outcome is not None or (live is not None and live.release == release.id):
        return f"release {identifier} is over; a rollback would undo it"
    if release.kind is Kind.ROLLBACK:
        return f"{identifier} is a rollback, and those go to their end"
    ledger.abort(identifier, asked.requested_by or SOMEBODY)
    looking = wake(work.tools.executions, ledger, identifier)
    return f"release {identifier} was told to stop ({looking} of its waits look now)"


def aborted(release: Release) -> Finding:
    """Say in a refusal who stopped the release."""
    return Finding("ABORTED", f"It was aborted by {release.aborted_by}.", "Drop again when it shall be released.")

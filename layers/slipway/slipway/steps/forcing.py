"""What is recorded of a release that went forward over an endpoint that was left to a human."""

from slipway.release.verdicts import Finding
from slipway.steps.ground import MIXED, Ground, is_ours
from slipway.steps.missing import is_stand_in
from slipway.steps.work import Work


def forced(work: Work, ground: Ground) -> tuple[Finding, ...]:
    """Tell, for the record, who went forward over what; nothing where nobody had to."""
    release = work.release
    is_sound = is_ours(ground) and ground.status != MIXED and not is_stand_in(ground.serving)
    if not release.wanted.force or ground.mode != "update" or is_sound:
        return ()
    gone = ", which was deleted and is made anew" if is_stand_in(ground.serving) else ""
    who = release.requested_by or "somebody"
    message = f"{who} forced it over an endpoint that is {ground.status} with the config {ground.config}{gone}."
    return (Finding("FORCED", message, "Nothing: this is for the record.", f"endpoint {release.endpoint}"),)

"""From which config back to which: of a release that went wrong, and of a rollback that somebody asked for."""

from dataclasses import dataclass, replace

from slipway.errors import ReleaseNotFoundError
from slipway.exchanges import Item
from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, Release
from slipway.release.verdicts import Answer, Outcome, Verdict
from slipway.steps.missing import detour, lacking
from slipway.steps.past import maker_of, one_before
from slipway.steps.work import Work


@dataclass(frozen=True)
class Way:
    """From which config back to which."""

    ours: str
    back_to: str
    to: str = ""
    """The release whose config it goes back to; empty for the way back of a release that went wrong."""
    is_live: bool = False
    """Whether the ledger calls that release live already."""


def way_undone(release: Release) -> Way | None:
    """The way back of a release that went wrong; None when it never touched its endpoint."""
    if not release.intent(Phase.CREATE_ENDPOINT, "action"):
        return None
    detour = release.intent(Phase.ROLL_BACK_RELEASE, "detour", "")
    back_to = release.intent(Phase.ROLL_BACK_RELEASE, "config") if detour else None
    before = release.fact(Phase.VERIFY_CONFIG, "before", "")
    return Way(release.fact(Phase.CREATE_CONFIG, "config"), before if back_to is None else back_to, detour)


def way_asked(work: Work, live: Live | None, described: Item | None) -> Way | None:
    """The way back that somebody asked for, to a release that was live once; None when there is none such.

    It goes from what serves, if a release of Slipway put that there: after a release that needs a human, or what
    somebody did by hand, that is not what the ledger calls live.
    """
    release, ledger = work.release, work.tools.ledger
    to = release.intent(Phase.ROLL_BACK_RELEASE, "detour") or release.to or (one_before(ledger, live) if live else "")
    back_to = config_of(work, to) if to else ""
    if live is None or not back_to:
        return None
    serving = str((described or {}).get("EndpointConfigName", ""))
    ours = serving if maker_of(ledger, release.endpoint, serving) else live.config
    return Way(ours, back_to, to, live.release == to)


def config_of(work: Work, identifier: str) -> str:
    """Give the config of a release of this endpoint that was live, empty if there is none such."""
    try:
        target = work.tools.ledger.release(identifier)
    except ReleaseNotFoundError:
        return ""
    was_live = target.outcome is Outcome.LIVE and target.endpoint.lower() == work.release.endpoint.lower()
    return str(target.fact(Phase.CREATE_CONFIG, "config", "")) if was_live else ""


def around(work: Work, way: Way) -> tuple[Way, str]:
    """Lead a way back around what somebody deleted, to the next release that was live and can serve again.

    Returns:
        The way to take, and why there is none, empty if there is. A goal that somebody named is kept.
    """
    missing = lacking(work.tools.hosting, way.back_to)
    if not missing:
        return way, ""
    named = work.release.fact(Phase.READ_RELEASE, "named")
    to = "" if named else detour(work, {way.ours, way.back_to})
    if not to:
        other = "ask for another release" if named else "no other release that was live can serve again"
        return way, f"there is no way back to what served before: {missing}, and {other}"
    around = replace(way, back_to=config_of(work, to), to=to, is_live=False)
    work.intend(detour=to, to=to, config=around.back_to, missing=missing)
    return around, ""


def no_way(release: Release) -> Verdict:
    """Answer for a release that has no way back."""
    if release.kind is Kind.RELEASE:
        return Verdict(Answer.NOTHING_TO_UNDO, "the endpoint was not touched")
    if release.to:
        return Verdict(Answer.IMPOSSIBLE, f"no release {release.to} of this endpoint was ever live")
    return Verdict(Answer.IMPOSSIBLE, "no earlier release of this endpoint is known to go back to")

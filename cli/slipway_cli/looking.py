"""What is known of an endpoint: what is live, what is under way, who waits, how the latest release went."""

from typing import Any

from slipway.errors import ReleaseNotFoundError
from slipway.exchanges import Item
from slipway.ledger import Ledger
from slipway.release.release import Live, Release
from slipway.steps.past import has_been_live, maker_of
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.shapes import coming_shape, live_shape, release_shape, variant_shapes


def endpoint_status(desk: Desk, endpoint: str) -> tuple[dict[str, Any], Release | None]:
    """Look at one endpoint.

    Returns:
        What programs read, and the latest release with its phases.

    Raises:
        CommandError: neither the ledger nor SageMaker knows the endpoint.
    """
    ledger = desk.ledger
    live, described, latest = ledger.live(endpoint), _describe(desk, endpoint), latest_release(ledger, endpoint)
    if live is None and described is None and latest is None:
        next_step = "`slipway status` lists the endpoints; `slipway release` makes one"
        raise CommandError(
            f"There is no endpoint {endpoint}.", f"not in the {desk.place}", next_step, ExitCode.NOT_FOUND
        )
    status = {
        "endpoint": endpoint,
        "endpoint_status": described["EndpointStatus"] if described else None,
        "endpoint_config": described["EndpointConfigName"] if described else None,
        "variants": variant_shapes(described or {}),
        "coming": coming_shape(described or {}),
        "notice": _notice(ledger, live, described, latest),
        "outcome": latest.outcome.value if latest and latest.outcome else None,
        "live": live_shape(live, ledger) if live else None,
        "release": release_shape(latest) if latest else None,
        "waiting": _waiting(ledger, endpoint, latest),
    }
    return status, latest


def told_history(ledger: Ledger, endpoint: str, limit: int) -> list[Item]:
    """Give the releases of an endpoint that have ended, newest first, as `slipway history --json` tells them."""
    lines = ledger.history(endpoint, limit)
    return [{name: value for name, value in line.items() if name not in ("pk", "sk")} for line in lines]


def overview(desk: Desk) -> list[dict[str, Any]]:
    """Look at every endpoint that Slipway had to do with."""
    return [endpoint_status(desk, name)[0] for name in known_endpoints(desk)]


def known_endpoints(desk: Desk) -> list[str]:
    """Name every endpoint that Slipway had to do with, in the order of their names."""
    ledger = desk.ledger
    coming = {release.endpoint.lower() for release in ledger.open_releases()}
    names = coming.union(name.lower() for name in (*desk.endpoints(), *ledger.endpoints()))
    return [name for name in sorted(names) if name in coming or _is_known(ledger, name)]


def under_way(ledger: Ledger, endpoint: str) -> Release | None:
    """Find the release that is being made: the one that has the turn, else the newest that is not over."""
    coming = open_ids(ledger, endpoint)
    turn = ledger.turn(endpoint)
    if turn is not None and turn.holder in coming:
        return ledger.release(turn.holder)
    return ledger.release(coming[-1]) if coming else None


def latest_release(ledger: Ledger, endpoint: str) -> Release | None:
    """Find the release under way, else the one that ended last."""
    coming = under_way(ledger, endpoint)
    if coming is not None:
        return coming
    ended = ledger.history(endpoint, 1)
    return ledger.release(ended[0]["release"]) if ended else None


def open_ids(ledger: Ledger, endpoint: str = "") -> list[str]:
    """Name the releases that have no outcome yet, oldest first: those of an endpoint, or all."""
    same = endpoint.lower()
    return [
        r.id for r in ledger.open_releases() if r.endpoint.lower() == (same or r.endpoint.lower()) and not r.outcome
    ]


def started_by(ledger: Ledger, claims: list[Item]) -> Release | None:
    """Find the release that claims stand for; None until it is written."""
    for claim in claims:
        try:
            return ledger.release(claim["release"])
        except ReleaseNotFoundError:
            continue
    return None


def _notice(ledger: Ledger, live: Live | None, described: Item | None, latest: Release | None) -> str:
    """Say where SageMaker and the ledger differ while nothing is under way, and what the next drop does about it."""
    if live is None or (latest is not None and latest.outcome is None):
        return ""
    if described is None:
        return "It is gone: somebody deleted it. The next drop makes it anew, by a first release."
    serving = described["EndpointConfigName"]
    if serving == live.config:
        return ""
    maker = maker_of(ledger, live.endpoint, serving)
    if maker is None:
        return f"It serves the config {serving}, which no release of Slipway made: drops are rejected."
    if has_been_live(maker):
        return f"It serves release {maker['release']}, which somebody put back by hand: the next drop builds on it."
    return f"It serves release {maker['release']}, which ended {maker['outcome']}: drops are rejected."


def _describe(desk: Desk, endpoint: str) -> Item | None:
    return desk.hosting.describe_endpoint(endpoint)


def _waiting(ledger: Ledger, endpoint: str, coming: Release | None) -> list[str]:
    return [release for release in open_ids(ledger, endpoint) if coming is None or release != coming.id]


def _is_known(ledger: Ledger, endpoint: str) -> bool:
    live: Live | None = ledger.live(endpoint)
    return live is not None or ledger.turn(endpoint) is not None or bool(ledger.history(endpoint, 1))

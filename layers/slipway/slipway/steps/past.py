"""What the history of an endpoint tells: which release made a config, and which ones can be gone back to."""

from slipway.exchanges import Item
from slipway.ledger import Ledger
from slipway.release.release import Kind, Live
from slipway.release.verdicts import Outcome

EVER = 10_000
"""Lines of a history that are read at most; the newest ones."""


def maker_of(ledger: Ledger, endpoint: str, config: str) -> Item | None:
    """Find the line of the release that made a config, or adopted it; None if no release of Slipway did."""
    lines = ledger.history(endpoint, EVER) if config else []
    return next((line for line in lines if line["config"] == config), None)


def one_before(ledger: Ledger, live: Live) -> str:
    """Name the release that was live before the one that is; empty if none can be gone back to."""
    if live.previous:
        return str(live.previous["release"])
    lines = ledger.history(live.endpoint, EVER)
    ids = [line["release"] for line in lines]
    older = lines[ids.index(live.release) + 1 :] if live.release in ids else []
    return next((str(line["release"]) for line in older if has_been_live(line) and not line.get("retired")), "")


def has_been_live(line: Item) -> bool:
    """Whether this line is of a release that was known to serve well."""
    return bool(line["outcome"] == Outcome.LIVE and line["kind"] == Kind.RELEASE)

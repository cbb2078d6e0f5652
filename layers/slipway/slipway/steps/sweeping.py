"""Sweep the alarms that Slipway made and nobody needs: those whose release is over, or that a dying function made."""

import re

from slipway.exchanges import Made
from slipway.release.naming import ALARM_PREFIX, config_name, config_prefix
from slipway.steps.work import Tools
from slipway.telemetry import logger

_ATTEMPT = r"[0-9]{8}t[0-9]{6}-[0-9a-f]{6}"
"""What a config's name ends with: when its release was read, and a hash (see `naming.release_id`)."""

_KIND = r"(?:-|\.[a-zA-Z0-9-]+\.)[a-z0-9-]+"
"""What an alarm watches, of one of several variants if it says so (see `naming.alarm_name`)."""


def sweep(tools: Tools) -> list[str]:
    """Delete every alarm that was made for a release of this stack's endpoints and not for an open one.

    Another stack of the region names its alarms alike, so only those of endpoints in this ledger are ours; an alarm of
    yours that merely begins like them has not the form of a release's.

    Returns:
        The names of the alarms that were deleted; none where CloudWatch refuses, which the log tells.
    """
    found = tools.alarms.named(ALARM_PREFIX)
    if not found:
        return []
    open_configs = {config_name(release.endpoint, release.id) for release in tools.ledger.open_releases()}
    ours = [_of(endpoint) for endpoint in tools.ledger.endpoints()]
    configs = {name: _config(name, ours) for name in found}
    swept = sorted(name for name, config in configs.items() if config and config not in open_configs)
    gone = tools.alarms.delete(swept) if swept else None
    if gone is None or gone.made is not Made.REFUSED:
        return swept
    logger.warning("alarms could not be deleted", code=gone.code, said=gone.message, alarms=swept)
    return []


def _of(endpoint: str) -> re.Pattern[str]:
    return re.compile(f"{ALARM_PREFIX}({re.escape(config_prefix(endpoint))}-{_ATTEMPT}){_KIND}")


def _config(alarm: str, ours: list[re.Pattern[str]]) -> str:
    """Give the config that an alarm was made for, empty if it is none of ours."""
    return next((found[1] for pattern in ours if (found := pattern.fullmatch(alarm))), "")

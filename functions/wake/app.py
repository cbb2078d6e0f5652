"""Wake: an endpoint, deployment or alarm changed; let those who wait for it look."""

from collections.abc import Mapping
from typing import Any

from slipway.step import reaction
from slipway.steps.wake import wake
from slipway.wiring import tools


@reaction
def lambda_handler(event: Mapping[str, Any]) -> dict[str, Any]:
    """Signal every release that waits for what the event tells of."""
    return wake(event, tools())

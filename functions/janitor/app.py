"""Janitor: recovers releases whose execution died, finds drops that none saw, retires what is out of the window."""

from collections.abc import Mapping
from typing import Any

from slipway.step import reaction
from slipway.steps.janitor import keep_house
from slipway.wiring import tools


@reaction
def lambda_handler(event: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the schedule asks for, or look for the dead, whatever else woke it."""
    return keep_house(event, tools())

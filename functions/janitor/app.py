"""Janitor: starts a recover execution for every release whose own execution died before it closed it."""

from collections.abc import Mapping
from typing import Any

from slipway.step import reaction
from slipway.steps.janitor import recover_the_dead
from slipway.wiring import tools


@reaction
def lambda_handler(_event: Mapping[str, Any]) -> dict[str, Any]:
    """Look for the dead, whatever woke it: the schedule or an execution's end."""
    return recover_the_dead(tools())

"""How long a release waits for a human: how often it looks meanwhile, and when that is over."""

from typing import Any

from slipway.release.approval_spec import Approval
from slipway.rollout.guardrails import rounds

LONGEST_SECONDS = 900
"""A gate looks again by itself so often; decisions, alarms and newer drops wake it at once."""


def timing(asked: Approval) -> dict[str, Any]:
    """Give the machine the seconds of each look and how many of them there are."""
    each = max(10, min(LONGEST_SECONDS, asked.expires_seconds // 4))
    return {"approval_seconds": each, "approval_rounds": rounds(asked.expires_seconds, each)}


def is_expired(asked: Approval, timed_out: int) -> bool:
    """Whether the time for an answer is over.

    Args:
        asked: what the spec asks of an approval.
        timed_out: how often the wait has timed out.
    """
    return timed_out >= int(timing(asked)["approval_rounds"])

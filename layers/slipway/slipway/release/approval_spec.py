"""When a release waits for a human, as a user asks for it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from slipway.release.closed import Closed


@dataclass(frozen=True, kw_only=True)
class Approval(Closed):
    """Whether a human must agree before the release goes on, and who may."""

    before: Literal["never", "update", "promotion"] = "never"
    """Before the endpoint is touched, or before the release that serves already is called live and kept; or never."""
    expires_seconds: Annotated[int, Ge(60), Le(86_400)] = 14_400
    """How long a human may take; without an answer the release is rejected, or rolled back if it serves already."""
    by_another: bool = False
    """Whether somebody else must agree than who asked for the release."""

"""Whose resources a piece of code sees: MiniStack keeps the account and the region in context variables."""

import contextvars
from collections.abc import Callable
from typing import TypeVar

from ministack.core import responses

from drydock.ministack.environment import REGION

T = TypeVar("T")

ACCOUNT = "000000000000"


def act_as(account: str, region: str, action: Callable[[], T]) -> T:
    """Run an action as a request of this account in this region would run."""

    def act() -> T:
        responses.set_request_account_id(account)
        responses.set_request_region(region)
        return action()

    return contextvars.copy_context().run(act)


def act_at_home(action: Callable[[], T]) -> T:
    """Run an action in the local cloud's own account and region."""
    return act_as(ACCOUNT, REGION, action)

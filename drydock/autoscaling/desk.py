"""What every operation works on: the book, the fleets, the alarms and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drydock.autoscaling.errors import bad_token
from drydock.autoscaling.model import Book, Key
from drydock.autoscaling.surroundings import Fleets, Surroundings
from drydock.sagemaker.errors import ServiceError, refusal
from drydock.sagemaker.operations.listing import cut
from drydock.sagemaker.surroundings import Now

PAGE = 50
"""Items on a page, and the most that can be asked for."""


@dataclass(frozen=True)
class Desk:
    """The book, and those that it is about."""

    book: Book
    fleets: Fleets
    cloud: Surroundings
    now: Now

    def forget(self, key: Key) -> None:
        """Remove a target with all that hangs on it."""
        for policy in self.book.policies_of(key):
            self.drop_policy(key, policy.name)
        for schedule in [name for name in self.book.schedules if name[0] == key]:
            del self.book.schedules[schedule]
        del self.book.targets[key]
        self.mark()

    def drop_policy(self, key: Key, name: str) -> None:
        """Remove a policy and the alarms that were made for it."""
        policy = self.book.policies.pop((key, name))
        self.cloud.delete_alarms(policy.alarms)

    def mark(self) -> None:
        """Let the hosting service know what is scaled."""
        self.fleets.mark(
            {(target.endpoint.lower(), target.variant): target.arn for target in self.book.targets.values()}
        )

    def forget_orphans(self) -> None:
        """Remove the targets whose variant is gone, or going, with its endpoint (developer guide, deleting endpoints
        that use auto scaling)."""
        for key, target in list(self.book.targets.items()):
            if self.fleets.look(target.endpoint, target.variant) is None:
                self.forget(key)

    def page(self, request: Mapping[str, Any], name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        """Cut the page that a request asks for.

        Raises:
            ServiceError: MaxResults is out of range, or no answer gave the token.
        """
        if not 1 <= request.get("MaxResults", PAGE) <= PAGE:
            raise refusal(f"MaxResults must be between 1 and {PAGE}.")
        try:
            found, token = cut(request, items, PAGE)
        except ServiceError:
            raise bad_token() from None
        return {name: found, "NextToken": token}
